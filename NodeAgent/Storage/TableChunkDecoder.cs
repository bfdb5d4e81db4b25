using System.Buffers.Binary;

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
    // An item whose end comes with a later chunk; never longer than one item may be.
    private byte[] begun = [];
    private int begunLength;
    private uint next;
    private bool ended;

    /// <summary>Sets the keys of the next chunk in a table (keys that are there are overwritten, others stay).</summary>
    public ChunkOutcome Feed(ReadOnlySpan<byte> chunk, SegmentTable table)
    {
        if (ended || !IsNext(chunk) || !TakeItems(chunk[TableChunkCodec.HeaderBytes..], table))
        {
            ended = true;
            return ChunkOutcome.Damaged;
        }

        next++;
        if ((chunk[1] & TableChunkCodec.LastFlag) == 0)
        {
            return ChunkOutcome.Taken;
        }

        ended = true;
        return begunLength == 0 ? ChunkOutcome.Complete : ChunkOutcome.Damaged;
    }

    private bool IsNext(ReadOnlySpan<byte> chunk) =>
        chunk.Length >= TableChunkCodec.HeaderBytes
        && BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]) == TableChunkCodec.Checksum(chunk)
        && chunk[0] == TableChunkCodec.Version
        && BinaryPrimitives.ReadUInt32LittleEndian(chunk[8..]) == next;

    private bool TakeItems(ReadOnlySpan<byte> stream, SegmentTable table)
    {
        while (!stream.IsEmpty)
        {
            if (begunLength == 0)
            {
                var size = ItemSize(stream);
                if (size < 0)
                {
                    return false;
                }

                if (size > 0 && size <= stream.Length)
                {
                    SetItem(stream[..size], table);
                    stream = stream[size..];
                    continue;
                }
            }

            if (!TakePiece(ref stream, table))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Moves as much as the begun item still wants out of the stream; sets the key when it is whole.</summary>
    private bool TakePiece(ref ReadOnlySpan<byte> stream, SegmentTable table)
    {
        var size = ItemSize(begun.AsSpan(0, begunLength));
        if (size < 0)
        {
            return false;
        }

        var wanted = size == 0 ? TableChunkCodec.ItemHeaderBytes : size;
        var piece = Math.Min(stream.Length, wanted - begunLength);
        if (begunLength + piece > begun.Length)
        {
            Array.Resize(ref begun, size == 0 ? 4096 : Math.Max(wanted, 4096));
        }

        stream[..piece].CopyTo(begun.AsSpan(begunLength));
        stream = stream[piece..];
        begunLength += piece;
        if (size > 0 && begunLength == size)
        {
            SetItem(begun.AsSpan(0, size), table);
            begunLength = 0;
        }

        return true;
    }

    /// <summary>Size of the item that begins here; 0: not known yet, -1: it cannot be one.</summary>
    private static int ItemSize(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < TableChunkCodec.ItemHeaderBytes)
        {
            return 0;
        }

        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(stream[1..]);
        var valueLength = BinaryPrimitives.ReadInt32LittleEndian(stream[5..]);
        var isItem = stream[0] is > 0 and < 16 && keyLength is >= 0 and <= SegmentTable.MaxKeyBytes && valueLength is >= 0 and <= SegmentTable.MaxValueBytes;
        return isItem ? TableChunkCodec.ItemHeaderBytes + keyLength + valueLength : -1;
    }

    private static void SetItem(ReadOnlySpan<byte> item, SegmentTable table)
    {
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(item[1..]);
        var body = item[TableChunkCodec.ItemHeaderBytes..];
        table.Set(body[..keyLength], (ValueKind)item[0], body[keyLength..], BinaryPrimitives.ReadInt64LittleEndian(item[9..]));
    }
}
