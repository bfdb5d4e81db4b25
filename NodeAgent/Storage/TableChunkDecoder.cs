namespace ShardConsole.NodeAgent.Storage;

/// <summary>How a chunk was taken.</summary>
internal enum ChunkOutcome
{
    /// <summary>Taken; more chunks follow.</summary>
    Taken,

    /// <summary>Taken, and it was the last of its sequence.</summary>
    Complete,

    /// <summary>Refused: checksum, version, order or content is wrong. The decoder takes nothing more.</summary>
    Damaged,
}

/// <summary>Puts the chunks of one sequence of <see cref="TableChunkCodec"/> back into a table, in order. Not thread-safe.</summary>
internal sealed class TableChunkDecoder
{
    /// <summary>Sets the keys of the next chunk in a table (keys that are there are overwritten, others stay).</summary>
    public ChunkOutcome Feed(ReadOnlySpan<byte> chunk, SegmentTable table) => throw new NotImplementedException();
}
