using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>Counts what clients do. Lock-free, never throws, never allocates.</summary>
internal interface ILoadRecorder
{
    /// <summary>A served command on a segment, as leader.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isWrite">Whether it was an acknowledged write.</param>
    /// <param name="bytesIn">Request bytes.</param>
    /// <param name="bytesOut">Reply bytes.</param>
    /// <param name="cpuTicks">Time spent on it on a processor, in ticks of the node's TimeProvider (an estimate).</param>
    /// <param name="latencyTicks">From parsed to replied, in the same ticks.</param>
    void Served(SegmentId segment, bool isWrite, int bytesIn, int bytesOut, long cpuTicks, long latencyTicks);

    /// <summary>A hint that <see cref="Served"/> will come for a segment: its counters can be fetched from memory while the command is executed.</summary>
    void Expect(SegmentId segment);

    /// <summary>Entries applied as follower.</summary>
    void Followed(SegmentId segment, long cpuTicks);

    /// <summary>Whether the next command should be offered to <see cref="Sample"/>.</summary>
    bool WantsSample { get; }

    /// <summary>Offers one command to the sampled query log.</summary>
    void Sample(ReadOnlySpan<byte> command, SegmentId segment, ReadOnlySpan<byte> key, long connection);
}
