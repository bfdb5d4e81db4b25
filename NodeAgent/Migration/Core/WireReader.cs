using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Reads little-endian fields and varints, bounds checked: whatever does not fit reads as zero or empty and sets <see cref="Failed"/>, which is looked at once at the end.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> data = data;
    private int at;

    /// <summary>Something was missing or over its limit.</summary>
    public bool Failed { get; private set; }

    /// <summary>All bytes are read.</summary>
    public readonly bool AtEnd => at == data.Length;

    /// <summary>Where the next field begins.</summary>
    public readonly int Position => at;

    public byte U8() => Take(1) is [var b] ? b : (byte)0;

    public bool Flag() => U8() switch { 0 => false, 1 => true, _ => Fail() };

    public ushort U16() => Take(2) is { Length: 2 } b ? BinaryPrimitives.ReadUInt16LittleEndian(b) : (ushort)0;

    public ulong U64() => Take(8) is { Length: 8 } b ? BinaryPrimitives.ReadUInt64LittleEndian(b) : 0;

    public long I64() => (long)U64();

    /// <summary>Seven bits a byte, low first; at most ten bytes.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70 && at < data.Length; shift += 7)
        {
            var b = data[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A varint from 0 to a limit.</summary>
    public int Count(int limit)
    {
        var value = Varint();
        if (value > (ulong)limit)
        {
            Failed = true;
            return 0;
        }

        return (int)value;
    }

    /// <summary>A length and as many bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int limit) => Take(Count(limit));

    /// <summary>Everything that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(data.Length - at);

    private bool Fail()
    {
        Failed = true;
        return false;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count > data.Length - at)
        {
            Failed = true;
            return default;
        }

        at += count;
        return data.Slice(at - count, count);
    }
}
