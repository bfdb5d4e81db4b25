using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What the global bar shows. Times are model time.</summary>
/// <param name="ClusterId">Identity; empty before the cluster was founded.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Reachable">A node answered within the last 5 s.</param>
/// <param name="MetaLeader">Name of the node that leads the meta group; empty without one.</param>
/// <param name="ForecastAt">When the newest forecast was made; null before the first.</param>
/// <param name="PlanningReactive">Why planning is reactive ("the forecast is worse than repeating yesterday", "forecast is older than two intervals"); null when it is predictive.</param>
/// <param name="CopyBytesPerSecond">Copy rate of all running migrations.</param>
/// <param name="Now">Model time.</param>
/// <param name="ClockFactor">Model seconds per real second.</param>
/// <param name="Demo">Load is generated.</param>
internal sealed record ClusterSummary(
    string ClusterId, string Name, bool Reachable, string MetaLeader, ulong Epoch, bool Halted, string HaltedBy,
    DateTimeOffset? ForecastAt, string? PlanningReactive, int MovesRunning, int MovesWaiting, MigrationLimits Limits, double CopyBytesPerSecond,
    int PlansWaiting, DateTimeOffset Now, double ClockFactor, bool Demo)
{
    /// <summary>The fleet exists on paper only: a game day.</summary>
    public bool Simulated { get; init; }
}

/// <summary>One dimension of a node. Use and peaks are ratios of the capacity; NaN where unknown.</summary>
internal sealed record DimensionUse(string Name, double Now, double Peak, DateTimeOffset? PeakAt, double PeakAfterPlan, double ComfortZone);

/// <summary>A node as the console shows it. State: "alive", "suspect", "dead", "unknown".</summary>
/// <param name="Dimensions">cpu, memory, disk, network, in this order.</param>
/// <param name="CpuPeaks">Predicted CPU (the quantile that is judged of the sum of what it leads and follows), mcore, one value per step of the planning horizon; empty without forecast.</param>
internal sealed record NodeRow(
    NodeId Id, string Name, string Zone, string State, NodeCapacity Capacity, NodeUse Use, IReadOnlyList<DimensionUse> Dimensions,
    IReadOnlyList<ShardId> Leads, IReadOnlyList<ShardId> Follows, string Version, long ConnectedClients, IReadOnlyList<double> CpuPeaks,
    IReadOnlyDictionary<string, int> RoundTripMicros)
{
    /// <summary>Start of each step of <see cref="CpuPeaks"/>.</summary>
    public IReadOnlyList<DateTimeOffset> CpuStarts { get; init; } = [];
}

/// <summary>A shard as the console shows it. Scores in mcore.</summary>
/// <param name="Leader">The node that leads now; the absent node while none does.</param>
/// <param name="Now">Measured load score of the last minute.</param>
/// <param name="Peak">Predicted load score (maximum over the steps), NaN without forecast.</param>
/// <param name="Threshold">The sharding threshold, mcore.</param>
/// <param name="CrossesAt">First step at which the score passes the threshold; null where it never does.</param>
internal sealed record ShardRow(
    ShardId Id, NodeId Leader, NodeId PreferredLeader, IReadOnlyList<NodeId> Replicas, int Segments, long Keys, long DataBytes,
    double OpsPerSecond, double Now, double Peak, DateTimeOffset? PeakAt, double Threshold, DateTimeOffset? CrossesAt);

/// <summary>Something that waits for a person. Kind: "plan", "hot-key", "node", "threshold", "integrity", "import".</summary>
internal sealed record NeedsYou(string Kind, string Title, string Detail, string Link, string Action, DateTimeOffset? Until);

/// <summary>A series with its forecast. Values in the unit named; measured NaN = gap. Forecast arrays have one value per ForecastTimes.</summary>
internal sealed record LoadSeries(
    string Unit, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<double> Measured,
    IReadOnlyList<DateTimeOffset> ForecastTimes, IReadOnlyList<double> Q10, IReadOnlyList<double> Q50, IReadOnlyList<double> Q90);

/// <summary>Shards × time: value / threshold, NaN = no data.</summary>
internal sealed record ShardStrips(IReadOnlyList<DateTimeOffset> Times, int FirstForecastColumn, IReadOnlyList<ShardId> Shards, IReadOnlyList<IReadOnlyList<double>> Rows);

/// <summary>Everything of the Overview page.</summary>
/// <param name="Balance">Busiest node ÷ mean at its peak within the planning horizon; NaN without forecast.</param>
/// <param name="Skill">1 − error ÷ error of repeating yesterday, one hour ahead; NaN while unknown.</param>
internal sealed record Overview(
    double Balance, double BalanceAfterPlan, string PeakNode, double PeakRatio, DateTimeOffset? PeakAt, double OpsPerSecond, double ReadRatio,
    double BytesOutPerSecond, double ClientP99Ms, double Skill, LoadSeries Fleet, ShardStrips Strips, IReadOnlyList<NeedsYou> Needs);

/// <summary>One segment, for its drawer.</summary>
internal sealed record SegmentDetail(
    SegmentId Id, int FirstSlot, int LastSlot, ShardId Shard, NodeId Leader, long Keys, long DataBytes, double ReadsPerSecond, double WritesPerSecond,
    double ScoreNow, double ScorePeak, DateTimeOffset? PeakAt, string Model, double ModelError, LoadSeries Series, IReadOnlyList<HotKey> HotKeys, string? PlacementReason);

/// <summary>A key seen often in the sampled query log. Share is of the segment's samples, 0..1.</summary>
internal sealed record HotKey(string Key, double Share, long Samples);

/// <summary>Where a search leads. Kind: "key", "slot", "segment", "shard", "node", "plan", "page".</summary>
internal sealed record SearchHit(string Kind, string Title, string Detail, string Link);
