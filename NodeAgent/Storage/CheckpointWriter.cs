using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// Writes one segment's checkpoint over any number of commits: chunks are staged under a generation of their own, and <see cref="Finish"/> puts them in the place of
/// the old checkpoint in the transaction that holds it. Until then, and after a crash, the old one stands. The content must be as of one applied index.
/// </summary>
internal sealed class CheckpointWriter(GroupId group, SegmentId segment, ulong generation)
{
    public GroupId Group { get; } = group;
    public SegmentId Segment { get; } = segment;

    /// <summary>Chunks staged so far.</summary>
    public int ChunkCount { get; private set; }

    /// <summary>Adds the next chunk to a batch. The chunk must not change before that batch is committed.</summary>
    public void Stage(StoreBatch batch, ReadOnlyMemory<byte> chunk) => batch.StageChunk(Group, Segment, generation, ChunkCount++, chunk);

    /// <summary>Adds the replacement to a batch: the same as the last chunk's, or a later one.</summary>
    /// <param name="appliedIndex">Index of the group's log as of which the chunks and the state are.</param>
    /// <param name="state">The segment's state, as its owner encodes it; its owner puts a version into it.</param>
    public void Finish(StoreBatch batch, ulong appliedIndex, ReadOnlyMemory<byte> state) =>
        batch.FinishCheckpoint(Group, Segment, generation, ChunkCount, appliedIndex, state);

    /// <summary>Adds the deletion of what was staged; the old checkpoint stands.</summary>
    public void Abandon(StoreBatch batch) => batch.AbandonCheckpoint(generation);
}
