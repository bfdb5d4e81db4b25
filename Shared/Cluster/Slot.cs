using System.Numerics;

namespace ShardConsole.Shared.Cluster;

/// <summary>
/// The Redis Cluster hash slot of a key: CRC16/XMODEM of the key, or of its hash tag, modulo 16384
/// (Redis Cluster specification, "Key distribution model" and "Hash tags").
/// </summary>
public static class Slot
{
    /// <summary>Number of slots in every cluster.</summary>
    public const int Count = 16384;

    private static readonly ushort[] Table = BuildTable();

    /// <summary>Slot of <paramref name="key"/>, 0..16383. An empty key has slot 0.</summary>
    public static int Of(ReadOnlySpan<byte> key) => Crc16(HashTag(key)) & (Count - 1);

    /// <summary>The part of the key that is hashed: what stands between the first '{' and the next '}', if not empty, else the whole key.</summary>
    public static ReadOnlySpan<byte> HashTag(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0)
        {
            return key;
        }

        var length = key[(open + 1)..].IndexOf((byte)'}');
        return length <= 0 ? key : key.Slice(open + 1, length);
    }

    /// <summary>CRC16/XMODEM: polynomial 0x1021, initial value 0, not reflected.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> data)
    {
        var crc = 0;
        foreach (var b in data)
        {
            crc = ((crc << 8) & 0xFFFF) ^ Table[((crc >> 8) ^ b) & 0xFF];
        }

        return (ushort)crc;
    }

    /// <summary>True for a power of two from 64 to 16384: the segment counts that a cluster can be founded with.</summary>
    public static bool IsSegmentCount(int segmentCount) => segmentCount is >= 64 and <= Count && BitOperations.IsPow2(segmentCount);

    private static ushort[] BuildTable()
    {
        var table = new ushort[256];
        for (var i = 0; i < 256; i++)
        {
            var crc = i << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }

            table[i] = (ushort)crc;
        }

        return table;
    }
}
