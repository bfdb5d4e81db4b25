using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Shared.Contracts;

/// <summary>What a node counted for one segment in one bucket. Counts, not rates.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Reads">Read commands served.</param>
/// <param name="Writes">Write commands acknowledged (as leader).</param>
/// <param name="BytesIn">Request bytes.</param>
/// <param name="BytesOut">Reply bytes.</param>
/// <param name="CpuMicros">CPU microseconds spent as leader.</param>
/// <param name="FollowerCpuMicros">CPU microseconds spent applying as follower.</param>
/// <param name="LatencyP50Micros">Median service time of this bucket, microseconds.</param>
/// <param name="LatencyP99Micros">99th percentile service time of this bucket, microseconds.</param>
/// <param name="Keys">Keys held at the end of the bucket; -1 where this node does not lead the segment.</param>
/// <param name="DataBytes">Bytes of keys and values held; -1 where this node does not lead the segment.</param>
public sealed record SegmentLoad(
    SegmentId Segment, long Reads, long Writes, long BytesIn, long BytesOut, long CpuMicros, long FollowerCpuMicros,
    int LatencyP50Micros, int LatencyP99Micros, long Keys, long DataBytes);

/// <summary>The process's own use, from the operating system, over one bucket. Absolute figures; divide by the capacity for the ratio.</summary>
public sealed record NodeUse(double CpuMillicores, long MemoryBytes, double DiskBytesPerSecond, double NetworkBytesPerSecond);

/// <summary>One sampled query.</summary>
public sealed record QuerySample(long UnixMs, string Op, SegmentId Segment, ulong KeyHash, long Connection, string Key);

/// <summary>One replica's state on a node.</summary>
public sealed record ReplicaStatus(ShardId Shard, string Role, ulong Term, NodeId Leader, ulong Commit, ulong Applied, ulong First, ulong Last);

/// <summary>What a node says of itself with every report.</summary>
public sealed record NodeStatus(
    ulong Epoch, ulong MapDigest, NodeUse Use, long ConnectedClients, NodeId MetaLeader, bool Halted,
    ImmutableArray<ReplicaStatus> Replicas, ImmutableArray<MigrationStatus> Migrations);

/// <summary>
/// One node's bucket. Idempotent by (Node, Boot, Sequence): a second arrival changes nothing; a missing sequence is a gap, never a zero.
/// </summary>
/// <param name="ClusterId">The cluster the node belongs to; a foreign one is refused.</param>
/// <param name="Node">The reporting node.</param>
/// <param name="Boot">Drawn at every start of the process.</param>
/// <param name="Sequence">1, 2, 3 … within the boot.</param>
/// <param name="BucketUnixMs">Start of the bucket, Unix milliseconds, real time.</param>
/// <param name="BucketMs">Length of the bucket, milliseconds.</param>
/// <param name="Segments">Only segments on which something was counted.</param>
/// <param name="Samples">Sampled queries, at most the node's option.</param>
/// <param name="Status">State at the end of the bucket.</param>
public sealed record LoadReport(
    string ClusterId, NodeId Node, ulong Boot, long Sequence, long BucketUnixMs, int BucketMs,
    ImmutableArray<SegmentLoad> Segments, ImmutableArray<QuerySample> Samples, NodeStatus Status);
