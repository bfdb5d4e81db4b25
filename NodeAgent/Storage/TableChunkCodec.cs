using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Takes one encoded chunk; the span is valid during the call.</summary>
internal delegate void ChunkSink(ReadOnlySpan<byte> chunk);

/// <summary>
/// The content of a table, or of one bucket, as a sequence of chunks: keys, kinds, values, expiries, bucket by bucket. For checkpoints, snapshots and migrations.
/// <para>
/// Persisted and on the wire, append-only, little-endian. A chunk: format version (1 byte), flags (1; bit 0: the last of its sequence), zero (2), CRC32C of everything else (4),
/// number in the sequence from 0 (4), then a piece of the items' stream. An item: kind (1), key length (4), value length (4), expiry (8), key, value. Chunks cut the
/// stream where they are full, so that a value larger than a chunk goes over several.
/// </para>
/// </summary>
internal static class TableChunkCodec
{
    /// <summary>Default size of a chunk, header included.</summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>Smallest size of a chunk that may be asked for.</summary>
    public const int MinChunkBytes = 64;

    /// <summary>Bytes of a chunk before its piece of the stream.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Bytes of an item beside key and value.</summary>
    public const int ItemHeaderBytes = 17;

    internal const byte Version = 1;
    internal const byte LastFlag = 1;

    /// <summary>Encodes a whole table, bucket by bucket; an empty one gives no chunk.</summary>
    public static void EncodeTable(SegmentTable table, int chunkBytes, ChunkSink sink)
    {
        if (table.Count == 0)
        {
            return;
        }

        var stream = new ChunkStream(chunkBytes, sink);
        table.VisitBucket(0, 1, stream.Add);
        stream.End();
    }

    /// <summary>Encodes one bucket under a bucket count; always at least one chunk, also for an empty bucket.</summary>
    public static void EncodeBucket(SegmentTable table, int bucket, int bucketCount, int chunkBytes, ChunkSink sink)
    {
        var stream = new ChunkStream(chunkBytes, sink);
        table.VisitBucket(bucket, bucketCount, stream.Add);
        stream.End();
    }

    /// <summary>CRC32C over everything but the checksum's own four bytes.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> chunk) => Crc32C.Of(chunk[8..], Crc32C.Of(chunk[..4]));

    /// <summary>Cuts a stream of items into chunks.</summary>
    private sealed class ChunkStream
    {
        private readonly int chunkBytes;
        private readonly ChunkSink sink;

        // Grows up to a chunk: most buckets are far smaller.
        private byte[] buffer = new byte[4096];
        private int length = HeaderBytes;
        private uint number;

        public ChunkStream(int chunkBytes, ChunkSink sink)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(chunkBytes, MinChunkBytes);
            (this.chunkBytes, this.sink) = (chunkBytes, sink);
        }

        public bool Add(ReadOnlySpan<byte> key, in StoredValue value)
        {
            Span<byte> header = stackalloc byte[ItemHeaderBytes];
            header[0] = (byte)value.Kind;
            BinaryPrimitives.WriteInt32LittleEndian(header[1..], key.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header[5..], value.Bytes.Length);
            BinaryPrimitives.WriteInt64LittleEndian(header[9..], value.ExpiresAtMs);
            Write(header);
            Write(key);
            Write(value.Bytes);
            return true;
        }

        public void End() => Send(LastFlag);

        private void Write(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                if (length == chunkBytes)
                {
                    Send(0);
                }

                var piece = Math.Min(bytes.Length, chunkBytes - length);
                if (length + piece > buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(chunkBytes, Math.Max(length + piece, buffer.Length * 2)));
                }

                bytes[..piece].CopyTo(buffer.AsSpan(length));
                bytes = bytes[piece..];
                length += piece;
            }
        }

        private void Send(byte flags)
        {
            var chunk = buffer.AsSpan(0, length);
            chunk[..HeaderBytes].Clear();
            (chunk[0], chunk[1]) = (Version, flags);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[8..], number++);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[4..], Checksum(chunk));
            sink(chunk);
            length = HeaderBytes;
        }
    }
}
