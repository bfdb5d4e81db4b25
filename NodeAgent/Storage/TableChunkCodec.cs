namespace ShardConsole.NodeAgent.Storage;

/// <summary>Takes one encoded chunk; the span is valid during the call.</summary>
internal delegate void ChunkSink(ReadOnlySpan<byte> chunk);

/// <summary>
/// The content of a table, or of one bucket, as a sequence of chunks: keys, kinds, values, expiries, bucket by bucket. Each chunk carries format version, its number
/// and CRC32C; a value larger than a chunk goes over several. For checkpoints, snapshots and migrations.
/// </summary>
internal static class TableChunkCodec
{
    /// <summary>Default size of a chunk, header included.</summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>Encodes a whole table; an empty one gives no chunk.</summary>
    public static void EncodeTable(SegmentTable table, int chunkBytes, ChunkSink sink) => throw new NotImplementedException();

    /// <summary>Encodes one bucket under a bucket count; always at least one chunk, also for an empty bucket.</summary>
    public static void EncodeBucket(SegmentTable table, int bucket, int bucketCount, int chunkBytes, ChunkSink sink) => throw new NotImplementedException();
}
