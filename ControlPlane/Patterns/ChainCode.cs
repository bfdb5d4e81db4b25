using System.Numerics;

namespace ShardConsole.ControlPlane.Patterns;

/// <summary>Up to four segments in a row as one number: a leading 1, then 14 bits each, the first one first.</summary>
internal static class ChainCode
{
    /// <summary>Longest chain.</summary>
    public const int Longest = 4;

    private const int Bits = 14;
    private const ulong Mask = (1UL << Bits) - 1;

    /// <summary>A chain of no segments, to append to.</summary>
    public const ulong Empty = 1;

    /// <summary>The chain with one more segment.</summary>
    public static ulong Append(ulong chain, int segment) => (chain << Bits) | (uint)segment;

    /// <summary>The code of segments.</summary>
    public static ulong Of(params ReadOnlySpan<int> segments)
    {
        var chain = Empty;
        foreach (var segment in segments)
        {
            chain = Append(chain, segment);
        }

        return chain;
    }

    /// <summary>Segments in a chain.</summary>
    public static int Length(ulong chain) => BitOperations.Log2(chain) / Bits;

    /// <summary>The segments, the first one first.</summary>
    public static int[] Segments(ulong chain)
    {
        var segments = new int[Length(chain)];
        for (var i = segments.Length - 1; i >= 0; i--, chain >>= Bits)
        {
            segments[i] = (int)(chain & Mask);
        }

        return segments;
    }
}
