using Microsoft.AspNetCore.SignalR;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Api.Live;

/// <summary>Pushes to the hub what has changed: once per change, at most once per <see cref="ApiOptions.PushMs"/>; changes that come meanwhile are merged.</summary>
internal sealed partial class ClusterFeed(
    IClusterQueries queries, IPlanDesk plans, IHubContext<ClusterHub> hub, ApiOptions options, TimeProvider time, ILogger<ClusterFeed> log) : BackgroundService
{
    /// <summary>Topic and event: the number of the push.</summary>
    public const string Changed = "changed";

    /// <summary>Topic and event: the summary of the cluster.</summary>
    public const string Summary = "summary";

    /// <summary>Topic and event: migrations that changed.</summary>
    public const string Migrations = "migrations";

    /// <summary>Topic and event: a plan that changed.</summary>
    public const string Plan = "plan";

    private readonly SemaphoreSlim due = new(0, 1);
    private Dictionary<ulong, MigrationRow> seenMigrations = [];
    private Dictionary<string, PlanSummary> seenPlans = [];
    private long sequence;

    /// <summary>Number of the newest push; 0 before the first.</summary>
    public long Sequence => Interlocked.Read(ref sequence);

    /// <summary>The summary of this moment.</summary>
    public ClusterSummary PresentSummary() => queries.Summary();

    /// <summary>Pushes what has changed since the last call.</summary>
    public async Task PushAsync(CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref sequence);
        await hub.Clients.Group(Changed).SendAsync(Changed, number, cancellation);
        await hub.Clients.Group(Summary).SendAsync(Summary, queries.Summary(), cancellation);
        var migrations = queries.Migrations().ToDictionary(m => m.Status.Id);
        var moved = migrations.Values.Where(m => !seenMigrations.TryGetValue(m.Status.Id, out var old) || !Same(old, m)).OrderBy(m => m.Status.Id).ToList();
        seenMigrations = migrations;
        if (moved.Count > 0)
        {
            await hub.Clients.Group(Migrations).SendAsync(Migrations, moved, cancellation);
        }

        var listed = (await plans.ListAsync(cancellation)).ToDictionary(p => p.Id);
        var changed = listed.Values.Where(p => !seenPlans.TryGetValue(p.Id, out var old) || old != p).OrderBy(p => p.MadeAt).ToList();
        seenPlans = listed;
        foreach (var plan in changed)
        {
            await hub.Clients.Group(Plan).SendAsync(Plan, plan, cancellation);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        queries.Changed += OnChanged;
        try
        {
            while (true)
            {
                await due.WaitAsync(stoppingToken);
                await TurnAsync(stoppingToken);
                await Task.Delay(TimeSpan.FromMilliseconds(options.PushMs), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            queries.Changed -= OnChanged;
        }
    }

    private async Task TurnAsync(CancellationToken stopping)
    {
        try
        {
            await PushAsync(stopping);
        }
        catch (Exception e) when (e is Microsoft.EntityFrameworkCore.DbUpdateException or Microsoft.Data.Sqlite.SqliteException or InvalidOperationException)
        {
            // The next change brings the next push, which carries everything that this one would have.
            Failed(log, e);
        }
    }

    // The log of a migration is an array that each answer of the cluster makes anew, so its length stands for it: it only grows.
    private static bool Same(MigrationRow one, MigrationRow other) =>
        one.Status.Log.Length == other.Status.Log.Length && one with { Status = one.Status with { Log = [] } } == other with { Status = other.Status with { Log = [] } };

    private void OnChanged()
    {
        try
        {
            due.Release();
        }
        catch (SemaphoreFullException)
        {
            // A push is due already.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub could not be told what has changed; the next change tells it")]
    private static partial void Failed(ILogger logger, Exception exception);
}
