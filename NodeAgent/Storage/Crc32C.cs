using System.Numerics;
using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>CRC-32C (Castagnoli), by the processor's instruction where it has one. Persisted with every blob: never change.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of some bytes; <paramref name="before"/> is that of what stands before them (0: nothing).</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
