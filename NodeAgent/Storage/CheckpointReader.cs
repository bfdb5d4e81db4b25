namespace ShardConsole.NodeAgent.Storage;

/// <summary>How reading a chunk ended.</summary>
internal enum ChunkReadStatus
{
    /// <summary>There is a chunk.</summary>
    Chunk,

    /// <summary>All chunks were read.</summary>
    End,

    /// <summary>The chunk is missing or its checksum fails: the checkpoint must be fetched again.</summary>
    Damaged,

    /// <summary>The store is broken or closed.</summary>
    Failed,
}

/// <summary>Reads the chunks of one checkpoint in order, while commits go on; keeps them from being deleted until disposed. One thread at a time.</summary>
internal sealed class CheckpointReader(NodeStore store, CheckpointHeader header) : IDisposable
{
    private int next;

    /// <summary>What is read.</summary>
    public CheckpointHeader Header { get; } = header;

    /// <summary>Reads the next chunk into memory of its own.</summary>
    public ChunkReadStatus ReadNext(out ReadOnlyMemory<byte> chunk)
    {
        if (next >= Header.ChunkCount)
        {
            chunk = default;
            return ChunkReadStatus.End;
        }

        var status = store.ReadChunk(Header, next, out chunk);
        next += status == ChunkReadStatus.Chunk ? 1 : 0;
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => store.Unpin(Header.Generation);
}
