using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Kinds of <see cref="StoreOperation"/>; in memory only.</summary>
internal enum StoreOperationKind
{
    HardState,
    Append,
    Truncate,
    Snapshot,
    Install,
    Record,
    RemoveGroup,
    RemoveCheckpoint,
    ClusterId,
    Chunk,
    Checkpoint,
    Abandon,
}

/// <summary>One step of a <see cref="StoreBatch"/>; what A, B and C mean depends on the kind (the batch's methods say it).</summary>
internal readonly record struct StoreOperation(StoreOperationKind Kind, GroupId Group)
{
    public SegmentId Segment { get; init; }
    public ulong A { get; init; }
    public ulong B { get; init; }
    public ulong C { get; init; }
    public ReadOnlyMemory<byte> Data { get; init; }
    public IReadOnlyList<Entry> Entries { get; init; } = [];
    public SnapshotMark? Mark { get; init; }
    public string Text { get; init; } = "";
}
