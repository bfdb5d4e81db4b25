using System.Buffers.Binary;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>Appends to a growing buffer. Integers little-endian or as base-128 varints, text as length and UTF-8.</summary>
internal sealed class WireWriter
{
    /// <summary>Longest text, bytes of UTF-8.</summary>
    public const int MaxText = 255;

    private byte[] buffer = new byte[512];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>Begins again.</summary>
    public void Reset() => Length = 0;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Fixed(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Node(NodeId id) => Fixed(id.Value);

    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>A count or size; a negative one is written as 0.</summary>
    public void Varint(long value) => Varint((ulong)Math.Max(0, value));

    /// <summary>A measured figure, rounded to a whole number from 0 to 2^53; anything else is written as 0.</summary>
    public void Figure(double value) => Varint(value is > 0 and < 9e15 ? (ulong)Math.Round(value) : 0UL);

    /// <exception cref="ArgumentException">The text is longer than <see cref="MaxText"/> bytes.</exception>
    public void Text(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        if (count > MaxText)
        {
            throw new ArgumentException($"Text of {count} bytes is longer than {MaxText}.");
        }

        Byte((byte)count);
        Encoding.UTF8.GetBytes(text, Room(count));
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    private Span<byte> Room(int count)
    {
        if (Length + count > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        }

        Length += count;
        return buffer.AsSpan(Length - count, count);
    }
}
