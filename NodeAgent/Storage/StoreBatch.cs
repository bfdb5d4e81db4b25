using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// What is to be written in one transaction, for all groups together; carried out in the order of the calls. Reusable after <see cref="Clear"/>; memory that
/// was handed in must not change before the commit has ended. One thread at a time.
/// </summary>
internal sealed class StoreBatch
{
    private readonly List<StoreOperation> operations = [];

    /// <summary>The operations, in order.</summary>
    internal IReadOnlyList<StoreOperation> Operations => operations;

    /// <summary>True when there is nothing to write.</summary>
    public bool IsEmpty => operations.Count == 0;

    /// <summary>Bytes of entries, records and chunks in the batch, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Makes the batch empty for its next use.</summary>
    public void Clear()
    {
        operations.Clear();
        Bytes = 0;
    }

    /// <summary>Writes a group's hard state.</summary>
    public void SetHardState(GroupId group, HardState hardState) =>
        Add(new(StoreOperationKind.HardState, group) { A = hardState.Term, B = hardState.Vote, C = hardState.Commit });

    /// <summary>Appends entries, contiguous and ascending; a suffix of the persisted log from the first one's index on is replaced.</summary>
    public void Append(GroupId group, IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        foreach (var entry in entries)
        {
            Bytes += entry.Data.Length;
        }

        Add(new(StoreOperationKind.Append, group) { Entries = entries });
    }

    /// <summary>The log begins at <paramref name="firstKept"/> from here on: rows wholly before it are deleted. <paramref name="termBefore"/> is the term of entry firstKept - 1.</summary>
    public void TruncateBefore(GroupId group, ulong firstKept, ulong termBefore) =>
        Add(new(StoreOperationKind.Truncate, group) { A = firstKept, B = termBefore });

    /// <summary>Names the newest snapshot of the group's own making; the log stays.</summary>
    public void SetSnapshot(GroupId group, SnapshotMark mark) => Add(new(StoreOperationKind.Snapshot, group) { Mark = mark });

    /// <summary>Takes over a snapshot of the leader: the whole log is deleted and goes on behind the mark. Checkpoints and record are written by their own calls, best in the same batch.</summary>
    public void InstallSnapshot(GroupId group, SnapshotMark mark) => Add(new(StoreOperationKind.Install, group) { Mark = mark });

    /// <summary>Writes the group record.</summary>
    public void SetRecord(GroupId group, ReadOnlyMemory<byte> record) => Add(new(StoreOperationKind.Record, group) { Data = record });

    /// <summary>Deletes everything of a group.</summary>
    public void RemoveGroup(GroupId group) => Add(new(StoreOperationKind.RemoveGroup, group));

    /// <summary>Deletes a segment's checkpoint.</summary>
    public void RemoveCheckpoint(GroupId group, SegmentId segment) => Add(new(StoreOperationKind.RemoveCheckpoint, group) { Segment = segment });

    /// <summary>Names the cluster to which the node belongs, once; at most <see cref="MaxClusterIdBytes"/> bytes of UTF-8.</summary>
    public void SetClusterId(string clusterId) => Add(new(StoreOperationKind.ClusterId, default) { Text = clusterId });

    /// <summary>Longest cluster id.</summary>
    public const int MaxClusterIdBytes = 256;

    /// <summary>Stages one chunk of a checkpoint under way (see <see cref="CheckpointWriter"/>).</summary>
    internal void StageChunk(GroupId group, SegmentId segment, ulong generation, int number, ReadOnlyMemory<byte> chunk) =>
        Add(new(StoreOperationKind.Chunk, group) { Segment = segment, A = generation, B = (ulong)number, Data = chunk });

    /// <summary>Puts a staged checkpoint in the place of the old one.</summary>
    internal void FinishCheckpoint(GroupId group, SegmentId segment, ulong generation, int chunkCount, ulong appliedIndex, ReadOnlyMemory<byte> state) =>
        Add(new(StoreOperationKind.Checkpoint, group) { Segment = segment, A = generation, B = (ulong)chunkCount, C = appliedIndex, Data = state });

    /// <summary>Gives up a staged checkpoint.</summary>
    internal void AbandonCheckpoint(ulong generation) => Add(new(StoreOperationKind.Abandon, default) { A = generation });

    private void Add(in StoreOperation operation)
    {
        operations.Add(operation);
        Bytes += operation.Data.Length;
    }
}
