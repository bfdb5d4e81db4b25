using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>Keys and bytes that a led segment holds.</summary>
internal readonly record struct SegmentHolding(SegmentId Segment, long Keys, long DataBytes);

/// <summary>What a load report needs from the rest of the node. Asked once per bucket, from one thread; must not block on the raft loop.</summary>
internal interface IStatusSource
{
    /// <summary>The cluster; empty before it is founded (nothing is reported then).</summary>
    string ClusterId { get; }

    /// <summary>This node.</summary>
    NodeId Node { get; }

    /// <summary>State at the end of the bucket. <see cref="NodeStatus.Use"/> is filled in by the caller.</summary>
    NodeStatus Status();

    /// <summary>Keys and bytes of each segment that this node leads, each once.</summary>
    IReadOnlyList<SegmentHolding> Holdings();
}
