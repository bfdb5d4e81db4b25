using System.Numerics;

namespace ShardConsole.NodeAgent.Load;

/// <summary>Bins of service times that grow by a quarter of an octave: 0..3 µs exactly, then four bins per doubling, up to about 17 s.</summary>
internal static class LatencyHistogram
{
    /// <summary>Number of bins.</summary>
    public const int Bins = 92;

    /// <summary>The bin of a time; what is longer than the last bin begins counts there, a negative time in the first.</summary>
    public static int BinOf(long micros)
    {
        if (micros < 4)
        {
            return micros < 0 ? 0 : (int)micros;
        }

        var octave = BitOperations.Log2((ulong)micros);
        var bin = ((octave - 1) * 4) + (int)((micros >> (octave - 2)) & 3);
        return Math.Min(bin, Bins - 1);
    }

    /// <summary>Shortest time of a bin, microseconds.</summary>
    public static long LowerMicros(int bin) => bin < 4 ? bin : (4L + (bin & 3)) << ((bin >> 2) - 1);

    /// <summary>The time that the given share of the counted ones did not exceed: the middle of its bin, microseconds; 0 where nothing is counted.</summary>
    /// <param name="counts">One count per bin.</param>
    /// <param name="share">0..1.</param>
    public static int Quantile(ReadOnlySpan<uint> counts, double share)
    {
        long total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(total * share));
        for (var bin = 0; bin < counts.Length && total > 0; bin++)
        {
            rank -= counts[bin];
            if (rank <= 0)
            {
                return bin < 4 ? bin : (int)((LowerMicros(bin) + LowerMicros(bin + 1) - 1) / 2);
            }
        }

        return 0;
    }
}
