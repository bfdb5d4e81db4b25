using System.Collections.Concurrent;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Checkpoints of segments: chunks staged under a generation, replaced at once, deleted little by little.</summary>
internal sealed partial class NodeStore
{
    // Generations whose writers are at work; what is neither here nor named by a checkpoint is garbage.
    private readonly ConcurrentDictionary<ulong, bool> staging = [];
    private readonly Dictionary<ulong, int> pinned = [];
    private readonly LinkedList<ulong> garbage = [];
    private long lastGeneration;

    /// <summary>Begins a new checkpoint of a segment. Any thread; never waits. The writer ends in Finish or Abandon, or its chunks stay until the next start.</summary>
    public CheckpointWriter BeginCheckpoint(GroupId group, SegmentId segment)
    {
        var generation = (ulong)Interlocked.Increment(ref lastGeneration);
        staging[generation] = true;
        return new CheckpointWriter(group, segment, generation);
    }

    /// <summary>Opens a segment's newest complete checkpoint for reading; null where there is none (or it is damaged, which <see cref="Damages"/> names).</summary>
    public CheckpointReader? ReadCheckpoint(GroupId group, SegmentId segment)
    {
        lock (gate)
        {
            if (broken is not null || !checkpoints.ContainsKey(StoreSchema.CheckpointKey(group.Value, segment.Value)))
            {
                return null;
            }

            CheckpointHeader? header = null;
            ReadSafely_NeedsLock(() => header = ReadHeader_NeedsLock(StoreSchema.CheckpointKey(group.Value, segment.Value)));
            if (header is null)
            {
                return null;
            }

            pinned[header.Generation] = pinned.GetValueOrDefault(header.Generation) + 1;
            return new CheckpointReader(this, header);
        }
    }

    internal ChunkReadStatus ReadChunk(CheckpointHeader header, int number, out ReadOnlyMemory<byte> chunk)
    {
        lock (gate)
        {
            chunk = default;
            if (broken is not null)
            {
                return ChunkReadStatus.Failed;
            }

            var read = default(ReadOnlyMemory<byte>);
            string? complaint = null;
            var sound = ReadSafely_NeedsLock(() =>
            {
                var row = statements.Chunk.Read.Bind(1, StoreSchema.ChunkKey(header.Generation, number));
                complaint = row.Step() ? StoreCodec.TryChunk(row.Blob(0), header.Generation, number, out read) : "is missing";
                row.Reset();
            });
            if (!sound)
            {
                return broken is null ? ChunkReadStatus.Damaged : ChunkReadStatus.Failed;
            }

            chunk = read;
            if (complaint is null)
            {
                return ChunkReadStatus.Chunk;
            }

            Damage_NeedsLock(new StoreDamage(
                StoreDamageKind.Checkpoint, header.Group, header.Segment, $"chunk {number} of the checkpoint of segment {header.Segment} in group {header.Group} {complaint}"));
            return ChunkReadStatus.Damaged;
        }
    }

    internal void Unpin(ulong generation)
    {
        lock (gate)
        {
            if (pinned.TryGetValue(generation, out var readers) && readers > 1)
            {
                pinned[generation] = readers - 1;
                return;
            }

            pinned.Remove(generation);
        }
    }

    private void ExecuteCheckpoint_NeedsLock(in StoreOperation operation)
    {
        var (group, segment, generation) = (operation.Group.Value, operation.Segment.Value, operation.A);
        var key = StoreSchema.CheckpointKey(group, segment);
        switch (operation.Kind)
        {
            case StoreOperationKind.Chunk:
                if (operation.Data.Length > options.MaxChunkBytes || operation.B >= 1 << StoreSchema.ChunkBits)
                {
                    throw new ArgumentException(
                        $"Chunk {operation.B} of {operation.Data.Length} bytes passes the limits of {options.MaxChunkBytes} bytes and {1 << StoreSchema.ChunkBits} chunks.");
                }

                statements.Chunk.Write(StoreSchema.ChunkKey(generation, (int)operation.B), StoreCodec.Chunk(blob, generation, (int)operation.B, operation.Data.Span));
                break;
            case StoreOperationKind.Checkpoint:
                Touch_NeedsLock(group);
                RemoveCheckpoint_NeedsLock(key);
                WriteCheckpoint_NeedsLock(operation, generation, (int)operation.B);
                break;
            case StoreOperationKind.RenewCheckpoint:
                var old = ReadHeader_NeedsLock(key)
                    ?? throw new InvalidOperationException($"There is no checkpoint of segment {segment} in group {operation.Group} that could be renewed.");
                WriteCheckpoint_NeedsLock(operation, old.Generation, old.ChunkCount);
                break;
            case StoreOperationKind.RemoveCheckpoint:
                RemoveCheckpoint_NeedsLock(key);
                break;
            default:
                garbage.AddLast(generation);
                break;
        }
    }

    /// <summary>After the commit only: until then the batch may be tried again, and what was staged must stay.</summary>
    private void EndStaging_NeedsLock(StoreBatch batch)
    {
        foreach (var operation in batch.Operations)
        {
            if (operation.Kind is StoreOperationKind.Checkpoint or StoreOperationKind.Abandon)
            {
                staging.TryRemove(operation.A, out _);
            }

            if (operation.Kind == StoreOperationKind.RemoveGroup)
            {
                damages.RemoveAll(d => d.Group == operation.Group);
            }

            if (operation.Kind == StoreOperationKind.Checkpoint && damages.Count > 0)
            {
                var (group, segment) = (operation.Group, operation.Segment);
                damages.RemoveAll(d => d.Kind == StoreDamageKind.Checkpoint && d.Group == group && d.Segment == segment);
            }
        }
    }

    private void WriteCheckpoint_NeedsLock(in StoreOperation operation, ulong generation, int chunkCount)
    {
        var (group, segment) = (operation.Group.Value, operation.Segment.Value);
        var key = StoreSchema.CheckpointKey(group, segment);
        var encoded = StoreCodec.Checkpoint(blob, group, segment, generation, chunkCount, operation.C, operation.Data.Span);
        statements.WriteCheckpoint.Bind(1, key).Bind(2, (long)generation).Bind(3, encoded).Run();
        checkpoints[key] = generation;
    }

    private void RemoveCheckpoint_NeedsLock(long key)
    {
        if (checkpoints.Remove(key, out var old))
        {
            statements.DeleteCheckpoint.Bind(1, key).Run();
            garbage.AddLast(old);
        }
    }

    /// <summary>Deletes up to so many chunks of generations that nobody names or reads.</summary>
    private void DeleteGarbage_NeedsLock(int maxChunks)
    {
        var node = garbage.First;
        while (node is not null && maxChunks > 0)
        {
            var next = node.Next;
            if (!pinned.ContainsKey(node.Value))
            {
                while (maxChunks > 0 && NextChunk_NeedsLock(StoreSchema.ChunkKey(node.Value, 0)) is { } chunk && chunk >> StoreSchema.ChunkBits == (long)node.Value)
                {
                    statements.Chunk.Delete(chunk);
                    maxChunks--;
                }

                if (maxChunks > 0)
                {
                    garbage.Remove(node);
                }
            }

            node = next;
        }
    }

    private long? NextChunk_NeedsLock(long from)
    {
        var statement = statements.NextChunk.Bind(1, from);
        long? found = statement.Step() ? statement.Number(0) : null;
        statement.Reset();
        return found;
    }
}
