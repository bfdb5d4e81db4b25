using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Never throws: what is cut off or out of range sets <see cref="Failed"/>, and from then on everything
/// read is 0 or empty, so that a caller checks once, at the end.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> rest = data;

    /// <summary>Something was cut off or out of range.</summary>
    public bool Failed { get; private set; }

    /// <summary>Everything was read and nothing failed.</summary>
    public readonly bool IsComplete => !Failed && rest.IsEmpty;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => rest.Length;

    public byte Byte() => TryTake(1, out var bytes) ? bytes[0] : (byte)0;

    public ulong Fixed() => TryTake(8, out var bytes) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    /// <summary>A node; the absent one is a failure.</summary>
    public NodeId Node()
    {
        var id = OptionalNode();
        if (id.IsNone)
        {
            Fail();
        }

        return id;
    }

    public NodeId OptionalNode() => new(Fixed());

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && !Failed; shift += 7)
        {
            var b = Byte();
            if (shift == 63 && b > 1)
            {
                break;
            }

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return Failed ? 0 : value;
            }
        }

        Fail();
        return 0;
    }

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>; another one is a failure.</summary>
    public long Number(long least, long most)
    {
        var value = Varint();
        if (value > long.MaxValue || (long)value < least || (long)value > most)
        {
            Fail();
        }

        return Failed ? least : (long)value;
    }

    public string Text(int mostBytes)
    {
        var count = Byte();
        if (count > mostBytes || !TryTake(count, out var bytes) || !Utf8.IsValid(bytes))
        {
            Fail();
            return "";
        }

        return Encoding.UTF8.GetString(bytes);
    }

    public void Fail()
    {
        Failed = true;
        rest = default;
    }

    private bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        if (Failed || count > rest.Length)
        {
            Fail();
            bytes = default;
            return false;
        }

        bytes = rest[..count];
        rest = rest[count..];
        return true;
    }
}
