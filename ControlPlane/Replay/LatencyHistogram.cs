using System.Numerics;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>Counts latencies in buckets of at most 1/16 relative width, from 1 µs to 1 h. One writer; add several up to read them.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 4;
    private readonly long[] counts = new long[(33 - SubBits) << SubBits];

    /// <summary>Number of latencies.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, µs.</summary>
    public long Max { get; private set; }

    /// <summary>Counts one latency, µs; what is below 1 counts as 1.</summary>
    public void Add(long micros)
    {
        counts[Index(Math.Clamp(micros, 1, uint.MaxValue))]++;
        Count++;
        Max = Math.Max(Max, micros);
    }

    /// <summary>Adds another histogram's counts to this one.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += other.counts[i];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Upper bound of the bucket that holds the given quantile (0..1), µs; 0 when nothing was counted.</summary>
    public long Quantile(double quantile)
    {
        var rank = (long)Math.Ceiling(quantile * Count);
        long seen = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank && seen > 0)
            {
                return Math.Min(UpperBound(i), Max);
            }
        }

        return Max;
    }

    private static int Index(long micros)
    {
        var log = BitOperations.Log2((ulong)micros);
        return log < SubBits ? (int)micros : ((log - SubBits + 1) << SubBits) + (int)((micros >> (log - SubBits)) & ((1 << SubBits) - 1));
    }

    private static long UpperBound(int index)
    {
        if (index < 1 << SubBits)
        {
            return index;
        }

        var shift = (index >> SubBits) - 1;
        return ((((long)1 << SubBits) + (index & ((1 << SubBits) - 1)) + 1) << shift) - 1;
    }
}
