using System.Buffers;
using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Writes what <see cref="WireReader"/> reads.</summary>
internal static class WireWriter
{
    public static void U8(this IBufferWriter<byte> to, byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public static void Flag(this IBufferWriter<byte> to, bool value) => to.U8(value ? (byte)1 : (byte)0);

    public static void U16(this IBufferWriter<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to.GetSpan(2), value);
        to.Advance(2);
    }

    public static void U64(this IBufferWriter<byte> to, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public static void I64(this IBufferWriter<byte> to, long value) => to.U64((ulong)value);

    public static void Varint(this IBufferWriter<byte> to, ulong value)
    {
        var span = to.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        to.Advance(length);
    }

    public static void Bytes(this IBufferWriter<byte> to, ReadOnlySpan<byte> value)
    {
        to.Varint((ulong)value.Length);
        to.Write(value);
    }
}
