using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>A segment's newest complete checkpoint, without its chunks.</summary>
/// <param name="Generation">Names the checkpoint's chunks in the store.</param>
/// <param name="AppliedIndex">The table and the state are as of this index of the group's log; replay skips up to it.</param>
/// <param name="State">The segment's state as its owner encoded it.</param>
/// <param name="ChunkCount">Number of chunks; 0 for a segment that holds no data.</param>
internal sealed record CheckpointHeader(
    GroupId Group, SegmentId Segment, ulong Generation, ulong AppliedIndex, ReadOnlyMemory<byte> State, int ChunkCount);

/// <summary>Everything that the store holds of one group, read and checked.</summary>
/// <param name="Log">Hard state, snapshot mark and entries.</param>
/// <param name="Record">The group record; empty where none was written.</param>
/// <param name="Checkpoints">Ascending by segment; damaged ones are left out and named in <paramref name="Damages"/>.</param>
/// <param name="Damages">What is damaged; empty when all is well. Where one of them quarantines, the log must not be used.</param>
internal sealed record GroupImage(
    GroupId Group, GroupLog Log, ReadOnlyMemory<byte> Record, IReadOnlyList<CheckpointHeader> Checkpoints, IReadOnlyList<StoreDamage> Damages);
