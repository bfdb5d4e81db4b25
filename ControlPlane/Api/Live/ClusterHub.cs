using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Live;

/// <summary>
/// The public hub at <see cref="Path"/>, for scripts and own dashboards; needs a viewer (API key as "Authorization: Bearer …", or as access_token from a browser).
/// <para>A client invokes <c>Subscribe(["changed", "summary", …])</c> and then receives, at most four times a second and only when something has changed:</para>
/// <list type="bullet">
/// <item><c>changed</c>: a number that rises with every push. Fetch over REST what you show; a number that did not rise by one says that pushes were merged or missed, which loses nothing.</item>
/// <item><c>summary</c>: the body of GET /api/v1/cluster.</item>
/// <item><c>migrations</c>: an array, the migrations that changed since the last push, each as in GET /api/v1/migrations/{id}.</item>
/// <item><c>plan</c>: one plan that is new or has changed, as in GET /api/v1/plans. One event per plan.</item>
/// </list>
/// <para><c>Subscribe</c> answers the present number and sends the present summary to a subscriber of <c>summary</c>, so that nothing is missed between asking and listening.</para>
/// </summary>
[Authorize(Policy = Roles.Viewer)]
internal sealed class ClusterHub(ClusterFeed feed) : Hub
{
    /// <summary>Address of the hub.</summary>
    public const string Path = "/hubs/cluster";

    /// <summary>What may be subscribed to; also the names of the events.</summary>
    public static readonly IReadOnlyList<string> Topics = [ClusterFeed.Changed, ClusterFeed.Summary, ClusterFeed.Migrations, ClusterFeed.Plan];

    /// <summary>Begins to listen to topics; again is no error. Answers the number of the newest push.</summary>
    /// <exception cref="HubException">A topic is unknown.</exception>
    public async Task<long> Subscribe(string[]? topics)
    {
        foreach (var topic in Checked(topics))
        {
            await Groups.AddToGroupAsync(Context.ConnectionId, topic, Context.ConnectionAborted);
        }

        if (topics!.Contains(ClusterFeed.Summary))
        {
            await Clients.Caller.SendAsync(ClusterFeed.Summary, feed.PresentSummary(), Context.ConnectionAborted);
        }

        return feed.Sequence;
    }

    /// <summary>Ends listening to topics.</summary>
    /// <exception cref="HubException">A topic is unknown.</exception>
    public async Task Unsubscribe(string[]? topics)
    {
        foreach (var topic in Checked(topics))
        {
            await Groups.RemoveFromGroupAsync(Context.ConnectionId, topic, Context.ConnectionAborted);
        }
    }

    private static IEnumerable<string> Checked(string[]? topics)
    {
        if (topics is null || topics.Length == 0 || topics.Length > Topics.Count)
        {
            throw new HubException($"Name 1 to {Topics.Count} topics of {string.Join(", ", Topics)}.");
        }

        return topics.FirstOrDefault(t => !Topics.Contains(t)) is { } unknown
            ? throw new HubException($"There is no topic \"{unknown}\"; topics are {string.Join(", ", Topics)}.")
            : topics.Distinct();
    }
}
