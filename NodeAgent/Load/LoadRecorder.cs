using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Load;

/// <summary>
/// Counts per segment what clients do. Counters only rise; <see cref="LoadTally"/> takes the difference once per bucket, so nothing is lost between
/// two buckets and no count waits for a lock. A segment outside the capacity is not counted.
/// </summary>
internal sealed class LoadRecorder : ILoadRecorder
{
    // One cache line per segment and stripe.
    internal const int Line = 8;
    internal const int Reads = 0, Writes = 1, BytesIn = 2, BytesOut = 3, CpuTicks = 4, FollowerTicks = 5, FollowedEntries = 6;

    [ThreadStatic]
    private static LoadRecorder? claimant;

    [ThreadStatic]
    private static int claimedStripe;

    private readonly int capacity;
    private readonly int stripes;
    private readonly double microsPerTick;
    private readonly long[] counters;
    private readonly int[] latencies;
    private readonly ulong[] dirty;
    private readonly TimeProvider time;
    private readonly int sampleKeyBytes;
    private int claimed;
    private SampleBuffer samples = SampleBuffer.Closed;

    /// <param name="options">Capacity and stripes.</param>
    /// <param name="time">Its ticks are the unit of the recorded times.</param>
    public LoadRecorder(LoadOptions options, TimeProvider time)
    {
        capacity = options.SegmentCapacity;
        stripes = Math.Clamp(options.Stripes, 1, LoadOptions.MaxStripes);
        microsPerTick = 1e6 / time.TimestampFrequency;
        counters = new long[stripes * capacity * Line];
        latencies = new int[stripes * capacity * LatencyHistogram.Bins];
        dirty = new ulong[(capacity + 63) / 64];
        sampleKeyBytes = options.SampleKeyBytes;
        this.time = time;
    }

    /// <inheritdoc/>
    public bool WantsSample => Volatile.Read(ref samples).WantsMore;

    /// <summary>Microseconds of one tick of the recorded times.</summary>
    internal double MicrosPerTick => microsPerTick;

    /// <inheritdoc/>
    public void Served(SegmentId segment, bool isWrite, int bytesIn, int bytesOut, long cpuTicks, long latencyTicks)
    {
        if (segment.Value >= capacity)
        {
            return;
        }

        var stripe = Stripe();
        ref var line = ref LineOf(stripe, segment);
        Add(stripe, ref Unsafe.Add(ref line, isWrite ? Writes : Reads), 1);
        Add(stripe, ref Unsafe.Add(ref line, BytesIn), bytesIn);
        Add(stripe, ref Unsafe.Add(ref line, BytesOut), bytesOut);
        Add(stripe, ref Unsafe.Add(ref line, CpuTicks), Math.Max(0, cpuTicks));
        var micros = (long)(latencyTicks * microsPerTick);
        AddLatency(stripe, ref Unsafe.Add(ref LatenciesOf(stripe, segment), LatencyHistogram.BinOf(micros)));
        MarkDirty(segment);
    }

    /// <inheritdoc/>
    public unsafe void Expect(SegmentId segment)
    {
        if (Sse.IsSupported && segment.Value < capacity)
        {
            // An address that the collector moves away just makes the hint useless.
            var stripe = Stripe();
            Sse.Prefetch0(Unsafe.AsPointer(ref LineOf(stripe, segment)));
            Sse.Prefetch0(Unsafe.AsPointer(ref LatenciesOf(stripe, segment)));
        }
    }

    /// <inheritdoc/>
    public void Followed(SegmentId segment, long cpuTicks)
    {
        if (segment.Value >= capacity)
        {
            return;
        }

        var stripe = Stripe();
        ref var line = ref LineOf(stripe, segment);
        Add(stripe, ref Unsafe.Add(ref line, FollowerTicks), Math.Max(0, cpuTicks));
        Add(stripe, ref Unsafe.Add(ref line, FollowedEntries), 1);
        MarkDirty(segment);
    }

    /// <inheritdoc/>
    public void Sample(ReadOnlySpan<byte> command, SegmentId segment, ReadOnlySpan<byte> key, long connection) =>
        Volatile.Read(ref samples).Add(time.GetUtcNow().ToUnixTimeMilliseconds(), command, segment, key, connection);

    /// <summary>Opens the query log for the next <paramref name="count"/> commands, all connections together, so that the chains of each survive.</summary>
    internal void OpenSampling(int count) =>
        Volatile.Write(ref samples, count == 0 ? SampleBuffer.Closed : new SampleBuffer(count, sampleKeyBytes));

    /// <summary>Closes the query log and answers what was sampled. A command that is just being written is left out.</summary>
    internal SampleBuffer CloseSampling() => Interlocked.Exchange(ref samples, SampleBuffer.Closed);

    /// <summary>Takes the set of segments on which something was counted since the last call, as bits.</summary>
    internal ulong TakeDirty(int word) => Interlocked.Exchange(ref dirty[word], 0);

    /// <summary>Words of <see cref="TakeDirty"/>.</summary>
    internal int DirtyWords => dirty.Length;

    /// <summary>Segments that can be counted.</summary>
    internal int Capacity => capacity;

    /// <summary>Adds the segment's counters of all stripes to <paramref name="line"/> (of length <see cref="Line"/>).</summary>
    internal void Read(int segment, Span<long> line)
    {
        for (var stripe = 0; stripe < stripes; stripe++)
        {
            var at = ((stripe * capacity) + segment) * Line;
            for (var i = 0; i < Line; i++)
            {
                line[i] += Volatile.Read(ref counters[at + i]);
            }
        }
    }

    /// <summary>Adds the counts of the segment's latency bins since the start, modulo 2^32, of all stripes to <paramref name="bins"/> (of length <see cref="LatencyHistogram.Bins"/>).</summary>
    internal void ReadLatencies(int segment, Span<uint> bins)
    {
        var used = Math.Min(Volatile.Read(ref claimed), stripes);
        for (var stripe = 0; stripe < used; stripe++)
        {
            var at = ((stripe * capacity) + segment) * LatencyHistogram.Bins;
            for (var bin = 0; bin < LatencyHistogram.Bins; bin++)
            {
                bins[bin] = unchecked(bins[bin] + (uint)Volatile.Read(ref latencies[at + bin]));
            }
        }
    }

    private ref long LineOf(int stripe, SegmentId segment) => ref counters[((stripe * capacity) + segment.Value) * Line];

    private ref int LatenciesOf(int stripe, SegmentId segment) => ref latencies[((stripe * capacity) + segment.Value) * LatencyHistogram.Bins];

    /// <summary>The calling thread's stripe: one of its own for the first that count, so that counting needs no bus lock; the last is shared by all others.</summary>
    private int Stripe()
    {
        if (claimant == this)
        {
            return claimedStripe;
        }

        (claimant, claimedStripe) = (this, Math.Min(Interlocked.Increment(ref claimed), stripes) - 1);
        return claimedStripe;
    }

    private void Add(int stripe, ref long counter, long value)
    {
        if (stripe == stripes - 1)
        {
            Interlocked.Add(ref counter, value);
        }
        else
        {
            Volatile.Write(ref counter, counter + value);
        }
    }

    private void AddLatency(int stripe, ref int bin)
    {
        if (stripe == stripes - 1)
        {
            Interlocked.Increment(ref bin);
        }
        else
        {
            Volatile.Write(ref bin, unchecked(bin + 1));
        }
    }

    /// <summary>After the counters, never before: the closer clears the bit first and reads the counters then, so no count is left behind unmarked.</summary>
    private void MarkDirty(SegmentId segment)
    {
        ref var word = ref dirty[segment.Value >> 6];
        var bit = 1UL << (segment.Value & 63);
        if ((Volatile.Read(ref word) & bit) == 0)
        {
            Interlocked.Or(ref word, bit);
        }
    }
}
