using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>One segment of a snapshot, as of its own applied index (at or behind the snapshot's mark: replay skips up to it).</summary>
/// <param name="State">The segment's ownership state, encoded.</param>
/// <param name="Chunks">Its table as <see cref="Storage.TableChunkCodec"/> encodes it; empty where nothing is held.</param>
internal sealed record SnapshotPart(SegmentId Segment, ulong AppliedIndex, ReadOnlyMemory<byte> State, IReadOnlyList<ReadOnlyMemory<byte>> Chunks)
{
    /// <summary>Bytes of state and chunks.</summary>
    public long Bytes => State.Length + Chunks.Sum(c => (long)c.Length);
}
