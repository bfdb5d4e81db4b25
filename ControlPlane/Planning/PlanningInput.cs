using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>A move that runs or waits to run. It counts as done.</summary>
internal sealed record MoveUnderWay(SegmentId Segment, ShardId From, ShardId To);

/// <summary>A move that ended: its segment rests for the cool-down and does not go straight back.</summary>
internal sealed record PastMove(SegmentId Segment, ShardId From, ShardId To, DateTimeOffset EndedAt);

/// <summary>A transfer of leadership that is approved and not made yet. It counts as made.</summary>
internal sealed record TransferUnderWay(ShardId Shard, NodeId To);

/// <summary>A transfer of leadership that was made: the shard rests for the cool-down and is not led by the former node again for the longer one.</summary>
internal sealed record PastTransfer(ShardId Shard, NodeId From, NodeId To, DateTimeOffset EndedAt);

/// <summary>Two segments that are used together, and how often, times a second.</summary>
internal sealed record SegmentLink(SegmentId One, SegmentId Other, double PerSecond);

/// <summary>What a plan is made from. Times are model time.</summary>
/// <param name="Now">When the plan is made.</param>
/// <param name="Scores">Newest scores; their map is the map planned on.</param>
/// <param name="SegmentBytes">Bytes of keys and values per segment; its length is the segment count.</param>
internal sealed record PlanningInput(DateTimeOffset Now, ScoreBoard Scores, IReadOnlyList<long> SegmentBytes)
{
    /// <summary>Moves that run or wait in approved plans.</summary>
    public IReadOnlyList<MoveUnderWay> UnderWay { get; init; } = [];

    /// <summary>Moves that ended within the longer cool-down.</summary>
    public IReadOnlyList<PastMove> Past { get; init; } = [];

    /// <summary>Transfers of leadership in approved plans that are not made yet.</summary>
    public IReadOnlyList<TransferUnderWay> TransfersUnderWay { get; init; } = [];

    /// <summary>Transfers of leadership within the longer cool-down.</summary>
    public IReadOnlyList<PastTransfer> PastTransfers { get; init; } = [];

    /// <summary>Shards whose replicas are being changed: their leadership is decided there.</summary>
    public IReadOnlySet<ShardId> ReplicasChanging { get; init; } = new HashSet<ShardId>();

    /// <summary>Leadership stays where it is: what carries the plan out can only move segments.</summary>
    public bool LeadersStay { get; init; }

    /// <summary>Segments that must stay where they are.</summary>
    public IReadOnlySet<SegmentId> Pinned { get; init; } = new HashSet<SegmentId>();

    /// <summary>Nodes that must take nothing on (draining, say).</summary>
    public IReadOnlySet<NodeId> Excluded { get; init; } = new HashSet<NodeId>();

    /// <summary>What operators have forbidden; kept like what is pinned and excluded, and named in the reasons.</summary>
    public IReadOnlyList<PlanConstraint> Constraints { get; init; } = [];

    /// <summary>Only these segments may move; null: all.</summary>
    public IReadOnlySet<SegmentId>? Only { get; init; }

    /// <summary>Measured round-trip times, microseconds; missing pairs count by zone.</summary>
    public IReadOnlyDictionary<(NodeId From, NodeId To), int> RoundTripMicros { get; init; } = new Dictionary<(NodeId From, NodeId To), int>();

    /// <summary>Segments that are used together; each pair once. Among equally good moves the one that cuts least wins.</summary>
    public IReadOnlyList<SegmentLink> Links { get; init; } = [];

    /// <summary>Moves that run at once in the cluster, at least 1.</summary>
    public int MovesAtOnce { get; init; } = 4;

    /// <summary>Moves that one node leads the source or the target of at once, at least 1.</summary>
    public int MovesPerNode { get; init; } = 1;

    /// <summary>Copy rate of the whole cluster, bytes per real second; null: no limit beside that of the nodes.</summary>
    public double? ClusterBytesPerSecond { get; init; }

    /// <summary>Model seconds per real second: copying is real time, forecasts are model time.</summary>
    public double ClockFactor { get; init; } = 1;
}
