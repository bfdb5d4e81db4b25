using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Reads the elements of <see cref="RaftMessageCodec"/>. After the first that is not there everything reads as zero and <see cref="Failed"/> stays true.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>True once something was missing or out of its range.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes not yet read.</summary>
    public readonly int Left => Failed ? 0 : bytes.Length - Position;

    public void Fail() => Failed = true;

    public byte Byte()
    {
        if (Left < 1)
        {
            Fail();
            return 0;
        }

        return bytes[Position++];
    }

    public bool Flag()
    {
        var value = Byte();
        Failed |= value > 1;
        return value == 1;
    }

    public ulong Id()
    {
        if (Left < sizeof(ulong))
        {
            Fail();
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Position..]);
        Position += sizeof(ulong);
        return value;
    }

    public IReadOnlyList<ulong> Ids()
    {
        var count = Number();
        if (count > (ulong)Left / sizeof(ulong))
        {
            Fail();
            return [];
        }

        var ids = new ulong[count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = Id();
        }

        return ids;
    }

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (Failed || (shift == 63 && next > 1))
            {
                Fail();
                return 0;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail();
        return 0;
    }

    public bool TryCopy(Span<byte> to)
    {
        if (Left < to.Length)
        {
            Fail();
            return false;
        }

        bytes.Slice(Position, to.Length).CopyTo(to);
        Position += to.Length;
        return true;
    }
}
