using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>The replicas of each group, and changes of them: operations with progress and cancel.</summary>
internal static class ReplicaEndpoints
{
    private const int MaxReason = 1000;
    private const int MaxName = 256;

    /// <summary>Maps replicas of shards and their changes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var read = api.MapGroup("").WithTags("replicas");
        var change = api.MapGroup("").WithTags("replicas").RequireAuthorization(Roles.Operator);
        read.MapGet("/shards/{id}/replicas", ListOf).WithName("ListReplicasOfShard").WithSummary("The replicas of a shard with role and lag; \"meta\" for the meta group")
            .Produces<IReadOnlyList<ReplicaRow>>().ProducesValidationProblem().ProducesProblem(404);
        change.MapPost("/shards/{id}/replicas", ReplaceAsync).WithName("ChangeReplicasOfShard").WithSummary("Adds, removes or replaces a replica of a shard")
            .WithDescription("from and to: it goes from one to the other; to alone: it is added; from alone: it is removed. The answer's Location is the change: ask it until its phase is Done. Safe to repeat.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        change.MapPost("/shards/{id}/leader", LeadAsync).WithName("TransferLeadership").WithSummary("Lets another replica of a shard lead it")
            .WithDescription("Nothing is copied; leadership follows when that replica has caught up, which is a matter of a second. Safe to repeat.")
            .Produces<Outcome>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        read.MapGet("/replicas", List).WithName("ListReplicaChanges").WithSummary("Changes of replicas with phase, progress and what they wait for; the newest first")
            .WithDescription("state: running, ended or all. node: only those that concern this member.").Produces<Page<ReplicaChangeRow>>().ProducesValidationProblem();
        read.MapGet("/replicas/{id}", Get).WithName("GetReplicaChange").WithSummary("One change of replicas with its log").Produces<ReplicaChangeRow>().ProducesValidationProblem().ProducesProblem(404);
        change.MapPost("/replicas/{id}/cancel", CancelAsync).WithName("CancelReplicaChange").WithSummary("Takes a change of replicas back: the group comes to the replicas of before")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static IResult ListOf(string id, IMemberQueries queries) =>
        !GroupId.TryParse(id, out var group) ? NoGroup(id)
        : queries.Replicas(group) is { } replicas ? Results.Ok(replicas) : Refusals.NotFound($"There is no shard {group}; GET /shards lists them.");

    private static async Task<IResult> ReplaceAsync(string id, ReplicaBody body, HttpContext http, IMemberQueries queries, IMemberDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        var from = Node("from", body.From, check, queries);
        var to = Node("to", body.To, check, queries);
        if (!GroupId.TryParse(id, out var group))
        {
            return NoGroup(id);
        }

        if (from.IsNone && to.IsNone && check.Refusal is null)
        {
            check.Add("to", "Neither from nor to names a member: name one of them at least.");
        }
        else if (from == to && !from.IsNone)
        {
            check.Add("to", $"\"{body.To}\" is asked to take its own place: name two different members.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (queries.Replicas(group) is null)
        {
            return Refusals.NotFound($"There is no shard {group}; GET /shards lists them.");
        }

        var outcome = await desk.ReplaceAsync(group, from, to, Caller.Of(http), reason, cancellation);
        return outcome.Done ? Results.Accepted($"/api/v1/replicas/{outcome.Id}", outcome) : Refusals.Of(outcome);
    }

    private static async Task<IResult> LeadAsync(string id, LeaderBody body, HttpContext http, IMemberQueries queries, IRolloutDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        var to = Node("to", body.To, check, queries);
        if (to.IsNone && check.Refusal is null)
        {
            check.Add("to", "Name the member that is to lead.");
        }

        if (!ShardId.TryParse(id, out var shard))
        {
            return Refusals.Invalid("id", $"\"{id}\" is no shard like s-07.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (queries.Replicas(GroupId.Of(shard)) is not { } replicas)
        {
            return Refusals.NotFound($"There is no shard {shard}; GET /shards lists them.");
        }

        var outcome = await desk.LeadAsync(shard, replicas.FirstOrDefault(r => r.IsPreferredLeader)?.Node ?? default, to, Caller.Of(http), reason, cancellation);
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }

    private static IResult List(string? state, string? node, int? offset, int? limit, IMemberQueries queries, ApiOptions options)
    {
        var check = new RequestCheck();
        var from = check.Number("offset", offset, 0, 0, 1_000_000);
        var count = check.Number("limit", limit, options.PageRows, 1, options.MaxPageRows);
        if (state is not (null or "" or "all" or "running" or "ended"))
        {
            check.Add("state", $"\"{state}\" is none of running, ended, all.");
        }

        var only = Node("node", node, check, queries);
        return check.Refusal ?? Results.Ok(Page<ReplicaChangeRow>.Of(
            [.. queries.ReplicaChanges().Where(c => Is(c, state) && (only.IsNone || c.Status.Before.Contains(only) != c.Status.Wanted.Contains(only)))], from, count));
    }

    private static bool Is(ReplicaChangeRow change, string? state) => state switch
    {
        "running" => change.EndedAt is null,
        "ended" => change.EndedAt is not null,
        _ => true,
    };

    private static IResult Get(string id, IMemberQueries queries) =>
        !ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? NoNumber(id)
        : queries.ReplicaChanges().FirstOrDefault(c => c.Id == number) is { } change ? Results.Ok(change) : NoChange(number);

    private static async Task<IResult> CancelAsync(string id, ReasonBody body, HttpContext http, IMemberQueries queries, IMemberDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        if (!ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            check.Add("id", $"\"{id}\" is no change of replicas; use its number.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (queries.ReplicaChanges().All(c => c.Id != number))
        {
            return NoChange(number);
        }

        var outcome = await desk.CancelReplicasAsync(number, Caller.Of(http), reason, cancellation);
        return outcome.Done ? Results.Accepted($"/api/v1/replicas/{number}", outcome) : Refusals.Of(outcome);
    }

    /// <summary>A member by its name or id; the absent node where none is named, or where a problem was noted.</summary>
    private static NodeId Node(string field, string? name, RequestCheck check, IMemberQueries queries)
    {
        var text = check.Text(field, name, 0, MaxName);
        if (text.Length == 0)
        {
            return default;
        }

        if (queries.Member(text) is { } member)
        {
            return member.Id;
        }

        check.Add(field, $"\"{text}\" is no member; name one as GET /members does.");
        return default;
    }

    private static IResult NoGroup(string id) => Refusals.Invalid("id", $"\"{id}\" is neither a shard like s-07 nor \"meta\".");

    private static IResult NoNumber(string id) => Refusals.Invalid("id", $"\"{id}\" is no change of replicas; use its number.");

    private static IResult NoChange(ulong id) => Refusals.NotFound($"There is no change {id} of replicas; the cluster keeps ended ones for a while only.");
}
