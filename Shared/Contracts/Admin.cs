using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Shared.Contracts;

/// <summary>One step in a migration's life, as the meta group's log has it.</summary>
public sealed record PhaseEntry(MigrationPhase Phase, long UnixMs, string By, ulong RaftIndex, string Reason);

/// <summary>A migration as the meta group's leader knows it, with the progress that the source last reported.</summary>
/// <param name="Id">The migration's index in the meta group's log.</param>
/// <param name="PlanHash">With <paramref name="MoveNumber"/> the move's id.</param>
/// <param name="TotalKeys">Keys in the source at the last report; 0 while unknown.</param>
/// <param name="BytesPerSecond">Copy rate of the last second.</param>
/// <param name="ShadowLag">Entries that the target is behind the source.</param>
/// <param name="CutOverMicros">How long the segment was closed to clients, microseconds; 0 before the cut-over.</param>
public sealed record MigrationStatus(
    ulong Id, string PlanHash, int MoveNumber, SegmentId Segment, ShardId From, ShardId To, MigrationPhase Phase, bool Paused,
    long CopiedKeys, long CopiedBytes, long TotalKeys, long TotalBytes, double BytesPerSecond, long ShadowLag, long CutOverMicros,
    ImmutableArray<PhaseEntry> Log)
{
    /// <summary>Of a rollback the migration that it undoes; else 0.</summary>
    public ulong Base { get; init; }

    /// <summary>The rollback that undoes it, or tried to; else 0.</summary>
    public ulong RolledBackBy { get; init; }

    /// <summary>Unix ms at which retention ends by itself; 0 outside of it.</summary>
    public long RetainUntilUnixMs { get; init; }

    /// <summary>Copy limit that is in force at the source, bytes a second, the guard's slow-down included; 0 while unknown.</summary>
    public long AllowedBytesPerSecond { get; init; }

    /// <summary>Seconds until the copy is complete, as the source foresees it; null while nothing is copied or known.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>Median error of past predictions of this kind, a ratio of the time that was predicted; null before the first.</summary>
    public double? EtaError { get; init; }

    /// <summary>How long the copy took, from its first byte to equal digests, milliseconds; 0 before.</summary>
    public long CopyMs { get; init; }

    /// <summary>How long it was foreseen to take when a tenth was copied, milliseconds; 0 where nothing was foreseen.</summary>
    public long PredictedCopyMs { get; init; }
}

/// <summary>Limits that the meta group holds. Rates are real time.</summary>
/// <param name="MaxConcurrentMoves">Moves under way at once in the cluster, from their admission until they commit or abort. Segments that move between the same two shards share one place.</param>
/// <param name="NodeBytesPerSecond">Copy limit per node.</param>
/// <param name="ClusterBytesPerSecond">Copy limit of the whole cluster.</param>
/// <param name="ClientP99GuardMicros">Copying slows down while the clients' 99th percentile is above this; 0 is off.</param>
/// <param name="RetainSeconds">How long the source keeps its copy after the cut-over, real seconds; 0 is not at all.</param>
/// <param name="CutOverLimitMs">Longest time a segment may be closed before the meta group aborts the cut-over.</param>
/// <param name="MaxNodeMoves">Places that one node takes part in at once, as preferred leader of source or target; 0 is no limit of its own.</param>
/// <param name="BatchSegments">Segments of one place that are under way at once: what moves between the same two shards goes as one batch, with one commit per segment.</param>
public sealed record MigrationLimits(
    int MaxConcurrentMoves, long NodeBytesPerSecond, long ClusterBytesPerSecond, int ClientP99GuardMicros, int RetainSeconds, int CutOverLimitMs,
    int MaxNodeMoves = 0, int BatchSegments = 8)
{
    /// <summary>4 places at once, 12 MB/s a node, 24 MB/s in all, no guard, 10 minutes of retention, 500 ms, 8 segments a batch.</summary>
    public static readonly MigrationLimits Default = new(4, 12_000_000, 24_000_000, 0, 600, 500);
}

/// <summary>Asks the meta group to begin a migration. Safe to repeat: a known (PlanHash, MoveNumber) answers the existing migration.</summary>
public sealed record StartMigration(string PlanHash, int MoveNumber, SegmentId Segment, ShardId From, ShardId To, string By, string Reason);

/// <summary>Asks for a change of one migration. Reason goes to its log.</summary>
public sealed record ChangeMigration(string By, string Reason);

/// <summary>The answer to a request that changes the meta group.</summary>
/// <param name="Accepted">True when the entry is committed (or was committed before under the same id).</param>
/// <param name="MigrationId">The migration's id, where the request was about one.</param>
/// <param name="Error">Why it was refused: code of one word ("segment-under-way", "not-owner", "same-shard", "dead-node", "halted", "too-late", "unknown-migration", "limit", "not-retained"); null when accepted.</param>
/// <param name="Detail">The same in a sentence that names the value and what to do.</param>
public sealed record MetaAnswer(bool Accepted, ulong MigrationId, string? Error, string? Detail);

/// <summary>Sent with status 421 by a node that does not lead the meta group.</summary>
/// <param name="Leader">The meta group's leader as far as this node knows; the absent node where it does not.</param>
/// <param name="AdminAddress">"host:port" of its admin port; empty where unknown.</param>
public sealed record NotMetaLeader(NodeId Leader, string AdminAddress);

/// <summary>Halts or resumes all migrations; resume restores exactly the former settings.</summary>
public sealed record SetHalt(bool Halted, string By, string Reason);

/// <summary>What the meta group knows, as one node has it.</summary>
public sealed record ClusterState(
    string ClusterId, ShardMap Map, ulong MapDigest, ImmutableArray<Member> Members, MigrationLimits Limits, bool Halted, string HaltedBy, NodeId MetaLeader)
{
    /// <summary>Nodes that hold a replica of the meta group, ascending; empty while unknown.</summary>
    public ImmutableArray<NodeId> MetaReplicas { get; init; } = [];

    /// <summary>Members that are being emptied, ascending.</summary>
    public ImmutableArray<NodeId> Draining { get; init; } = [];

    /// <summary>Shards that go with the node that leads them as soon as they own nothing, ascending.</summary>
    public ImmutableArray<ShardId> Retiring { get; init; } = [];

    /// <summary>Level of the commands that the meta group may write: what every member reads. 1 where the node does not say it.</summary>
    public int CommandLevel { get; init; } = 1;
}

/// <summary>One member as a node's gossip sees it.</summary>
/// <param name="State">"alive", "suspect", "dead" or "left".</param>
/// <param name="RoundTripMicros">Median measured round-trip time from the asked node; 0 while unknown.</param>
public sealed record GossipView(NodeId Node, string Name, string State, ulong Incarnation, ulong Epoch, ulong MapDigest, NodeUse Use, int RoundTripMicros);

/// <summary>A node's own view: <c>GET /v1/state</c>.</summary>
public sealed record NodeState(NodeId Node, string Name, ulong Boot, long UptimeSeconds, string Version, NodeStatus Status, ImmutableArray<GossipView> Gossip);
