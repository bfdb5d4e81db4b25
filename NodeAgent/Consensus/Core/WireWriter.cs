using System.Buffers;
using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Writes the elements of <see cref="RaftMessageCodec"/>.</summary>
internal readonly ref struct WireWriter(IBufferWriter<byte> output)
{
    private const int LongestNumber = 10;

    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Id(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(sizeof(ulong)), value);
        output.Advance(sizeof(ulong));
    }

    public void Ids(IReadOnlyList<ulong> values)
    {
        Number((ulong)values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            Id(values[i]);
        }
    }

    /// <summary>A base-128 varint, lowest seven bits first.</summary>
    public void Number(ulong value)
    {
        var span = output.GetSpan(LongestNumber);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }

    public void Numbers(ulong first, ulong second)
    {
        Number(first);
        Number(second);
    }

    public void Bytes(ReadOnlySpan<byte> value) => output.Write(value);
}
