using ShardConsole.ControlPlane.Import;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What can be measured per segment. Persisted, append-only, never renumber.</summary>
internal enum LoadMetric : byte
{
    /// <summary>mcore: CPU of the leader.</summary>
    Cpu = 1,
    Reads = 2,
    Writes = 3,
    BytesIn = 4,
    BytesOut = 5,

    /// <summary>mcore: CPU of one follower.</summary>
    FollowerCpu = 6,
    Keys = 7,
    DataBytes = 8,
}

/// <summary>Columns of time × segments. Values[column][segment]: mean rate a second (level for Keys and DataBytes), NaN = gap.</summary>
internal sealed record SegmentMatrix(IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<TimeSpan> Spans, IReadOnlyList<float[]> Values);

/// <summary>Measured load. Safe for concurrent use.</summary>
internal interface IHistoryReader
{
    /// <summary>Number of segments; 0 before the cluster is known.</summary>
    int SegmentCount { get; }

    /// <summary>First measured or imported moment; null when there is none.</summary>
    DateTimeOffset? Oldest { get; }

    /// <summary>Columns of <paramref name="step"/> (a multiple of 10 s) from <paramref name="from"/> (rounded down to the step) up to, not including, <paramref name="to"/>.</summary>
    Task<SegmentMatrix> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation);
}

/// <summary>One kept forecast: for each step mean and quantiles per segment. Arrays are [step][segment].</summary>
/// <param name="Starts">Step k covers [Starts[k], Starts[k] + Spans[k]): 12 steps of 5 min, then 23 steps of 1 h.</param>
/// <param name="Models">Name of the model chosen for each segment.</param>
/// <param name="Errors">Recent error of that model, relative to seasonal naive (below 1 is better); NaN unknown.</param>
internal sealed record ForecastFrame(
    DateTimeOffset MadeAt, LoadMetric Metric, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<TimeSpan> Spans,
    IReadOnlyList<float[]> Mean, IReadOnlyList<float[]> Q10, IReadOnlyList<float[]> Q50, IReadOnlyList<float[]> Q90, IReadOnlyList<string> Models, float[] Errors);

/// <summary>Kept forecasts. Safe for concurrent use.</summary>
internal interface IForecastReader
{
    /// <summary>The newest forecast of a metric (Cpu, FollowerCpu, Reads, Writes, BytesIn, BytesOut); null before the first.</summary>
    ForecastFrame? Latest(LoadMetric metric);

    /// <summary>What had been forecast <paramref name="lead"/> (1 h or 24 h) before each column; NaN where nothing is kept.</summary>
    Task<SegmentMatrix> ForecastOfThePastAsync(LoadMetric metric, TimeSpan lead, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}

/// <summary>The read side of the console and of REST: both show the same figures.</summary>
internal interface IClusterQueries
{
    /// <summary>Raised, at most four times a second, when anything these queries answer has changed. Handlers must not block.</summary>
    event Action? Changed;

    ClusterSummary Summary();

    /// <summary>The shard map as the nodes last reported it.</summary>
    ShardMap Map();

    IReadOnlyList<NodeRow> Nodes();

    IReadOnlyList<ShardRow> Shards();

    Task<Overview> OverviewAsync(CancellationToken cancellation);

    Task<SegmentDetail?> SegmentAsync(SegmentId segment, CancellationToken cancellation);

    Task<IReadOnlyList<SearchHit>> SearchAsync(string text, CancellationToken cancellation);

    IReadOnlyList<MigrationRow> Migrations();
}

/// <summary>Plans: what is kept of them, and what a person may do with them.</summary>
internal interface IPlanDesk
{
    Task<IReadOnlyList<PlanSummary>> ListAsync(CancellationToken cancellation);

    /// <summary>By hash or by an unambiguous beginning of it, at least four digits.</summary>
    Task<PlanDetail?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Makes a plan now, for all segments or for those named. Id of the outcome is the plan's.</summary>
    Task<Outcome> MakeAsync(Actor by, IReadOnlyList<SegmentId>? segments, CancellationToken cancellation);

    /// <summary>
    /// Approves the plan of this hash; code "stale" (with the failed precondition in Detail) when it no longer holds, "second-person" where another person has to.
    /// Where a plan that nobody asked for needs two people, the first approval asks for the second. <paramref name="startAt"/> null: now.
    /// </summary>
    Task<Outcome> ApproveAsync(string id, string? etag, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation);

    Task<Outcome> RejectAsync(string id, string? etag, string by, string reason, CancellationToken cancellation);

    Task<Outcome> UnscheduleAsync(string id, string by, CancellationToken cancellation);

    Task<IReadOnlyList<AutoApplyPolicy>> PoliciesAsync(CancellationToken cancellation);

    Task<Outcome> SavePolicyAsync(AutoApplyPolicy policy, string by, CancellationToken cancellation);
}

/// <summary>When a plan begins. Words of REST.</summary>
internal enum PlanTiming
{
    /// <summary>As soon as it is approved.</summary>
    Now,

    /// <summary>At a moment that is named.</summary>
    At,

    /// <summary>When the next maintenance window opens, or now inside one.</summary>
    Window,

    /// <summary>In the trough that was found when the plan was made.</summary>
    Trough,
}

/// <summary>Changing plans before they are approved.</summary>
internal interface IPlanBench
{
    /// <summary>Approves the plan for a moment that the cluster's windows or the forecast give. "conflict" where there is no such moment.</summary>
    Task<Outcome> ScheduleAsync(string id, string? etag, PlanTiming when, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation);

    /// <summary>A new plan without the moves of <paramref name="drop"/>, or with only those of <paramref name="keep"/> (numbers), simulated on the newest forecast; it takes the old one's place.</summary>
    Task<Outcome> EditAsync(string id, string? etag, IReadOnlyList<int> drop, IReadOnlyList<int> keep, Actor by, string reason, CancellationToken cancellation);

    /// <summary>A new plan for the same segments from what is known now. Id of the outcome is the new plan's.</summary>
    Task<Outcome> RefreshAsync(string id, Actor by, CancellationToken cancellation);

    /// <summary>Proposes the plan of kind "membership" that fills the shards which came with a member, or empties those that go with a drained one. Id of the outcome is the plan's.</summary>
    Task<Outcome> ForMemberAsync(NodeId node, Actor by, CancellationToken cancellation);

    /// <summary>Proposes a plan that takes back what an ended plan has moved and nothing has moved since. Id of the outcome is the new plan's.</summary>
    Task<Outcome> UndoAsync(string id, Actor by, CancellationToken cancellation);

    /// <summary>Removes a policy.</summary>
    Task<Outcome> RemovePolicyAsync(string name, Actor by, CancellationToken cancellation);
}

/// <summary>What a person may do with running migrations and with the cluster as a whole.</summary>
internal interface IRolloutDesk
{
    Task<Outcome> CancelAsync(ulong migration, string by, string reason, CancellationToken cancellation) =>
        ChangeAsync(migration, Fleet.MoveChange.Cancel, by, reason, cancellation);

    /// <summary>Pauses, resumes, cancels or rolls back one migration, or ends its retention. The id of the outcome is the migration's; of a rollback that of the migration which undoes it.</summary>
    Task<Outcome> ChangeAsync(ulong migration, Fleet.MoveChange change, string by, string reason, CancellationToken cancellation);

    /// <summary>Lets another replica of a shard lead it.</summary>
    Task<Outcome> LeadAsync(ShardId shard, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation);

    Task<Outcome> SetHaltAsync(bool halted, string by, string reason, CancellationToken cancellation);

    Task<Outcome> SetLimitsAsync(MigrationLimits limits, string by, CancellationToken cancellation);
}

/// <summary>Imports of historical query logs.</summary>
internal interface IImportDesk
{
    IReadOnlyList<ImportRow> List();

    /// <summary>Takes the stream (plain or gzip CSV: timestamp,key,op), keeps it beside the data and queues its import. Id of the outcome is the import's.</summary>
    Task<Outcome> UploadAsync(string fileName, Stream content, ImportSettings settings, string by, CancellationToken cancellation);

    /// <summary>Cancels an import that waits or runs.</summary>
    Task<Outcome> CancelAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Takes what a done import brought out of the history again.</summary>
    Task<Outcome> TakeBackAsync(long id, string by, CancellationToken cancellation);
}
