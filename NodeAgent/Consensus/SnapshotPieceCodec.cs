using System.Buffers;
using System.Buffers.Binary;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>What a piece of a snapshot holds. On the wire, append-only, never renumber.</summary>
internal enum SnapshotPieceKind : byte
{
    /// <summary>Begins a segment: its state; chunks follow.</summary>
    Segment = 1,

    /// <summary>The next chunk of the segment begun last.</summary>
    Chunk = 2,

    /// <summary>The last piece: the group record and the Raft message with the mark.</summary>
    End = 3,
}

/// <summary>One piece: transfer, number (from 0), group, kind, for a segment its id and applied index, then the content.</summary>
internal readonly ref struct SnapshotPiece(ulong transfer, uint number, GroupId group, SnapshotPieceKind kind, SegmentId segment, ulong appliedIndex, ReadOnlySpan<byte> content)
{
    public ulong Transfer { get; } = transfer;
    public uint Number { get; } = number;
    public GroupId Group { get; } = group;
    public SnapshotPieceKind Kind { get; } = kind;
    public SegmentId Segment { get; } = segment;
    public ulong AppliedIndex { get; } = appliedIndex;
    public ReadOnlySpan<byte> Content { get; } = content;
}

/// <summary>Little-endian: transfer u64, number u32, group u16, kind u8, segment u16, applied u64, content to the end. Answer: transfer u64, number u32, accepted u8.</summary>
internal static class SnapshotPieceCodec
{
    private const int HeadBytes = 25;

    /// <summary>Writes a piece.</summary>
    public static void Write(IBufferWriter<byte> writer, in SnapshotPiece piece)
    {
        var head = writer.GetSpan(HeadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(head, piece.Transfer);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], piece.Number);
        BinaryPrimitives.WriteUInt16LittleEndian(head[12..], piece.Group.Value);
        head[14] = (byte)piece.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(head[15..], piece.Segment.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(head[17..], piece.AppliedIndex);
        writer.Advance(HeadBytes);
        writer.Write(piece.Content);
    }

    /// <summary>Reads a piece; false for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SnapshotPiece piece)
    {
        piece = default;
        if (bytes.Length < HeadBytes || bytes[14] is < 1 or > 3)
        {
            return false;
        }

        piece = new SnapshotPiece(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            new GroupId(BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..])),
            (SnapshotPieceKind)bytes[14],
            new SegmentId(BinaryPrimitives.ReadUInt16LittleEndian(bytes[15..])),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]),
            bytes[HeadBytes..]);
        return true;
    }

    /// <summary>The answer to a piece.</summary>
    public static byte[] Answer(ulong transfer, uint number, bool accepted)
    {
        var answer = new byte[13];
        BinaryPrimitives.WriteUInt64LittleEndian(answer, transfer);
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(8), number);
        answer[12] = accepted ? (byte)1 : (byte)0;
        return answer;
    }

    /// <summary>Reads an answer; false for anything else.</summary>
    public static bool TryReadAnswer(ReadOnlySpan<byte> bytes, out ulong transfer, out uint number, out bool accepted)
    {
        var ok = bytes.Length == 13;
        transfer = ok ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        number = ok ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) : 0;
        accepted = ok && bytes[12] == 1;
        return ok;
    }
}
