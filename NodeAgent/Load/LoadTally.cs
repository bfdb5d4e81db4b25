using System.Numerics;
using System.Runtime.InteropServices;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Load;

/// <summary>What was counted on one segment between two tallies.</summary>
internal readonly record struct SegmentTally(
    SegmentId Segment, long Reads, long Writes, long BytesIn, long BytesOut, double CpuMicros, double FollowerCpuMicros, long FollowedEntries,
    int LatencyP50Micros, int LatencyP99Micros)
{
    /// <summary>Commands served as leader.</summary>
    public long Commands => Reads + Writes;
}

/// <summary>All segments of one bucket, ascending, and the latency over all of them.</summary>
internal sealed record BucketTally(IReadOnlyList<SegmentTally> Segments, int LatencyP50Micros, int LatencyP99Micros);

/// <summary>Turns the ever-rising counters of a <see cref="LoadRecorder"/> into buckets. One thread.</summary>
internal sealed class LoadTally(LoadRecorder recorder)
{
    private readonly Dictionary<int, Previous> previous = [];
    private readonly uint[] all = new uint[LatencyHistogram.Bins];

    /// <summary>What was counted since the last call.</summary>
    public BucketTally Take()
    {
        var segments = new List<SegmentTally>();
        Array.Clear(all);
        for (var word = 0; word < recorder.DirtyWords; word++)
        {
            for (var bits = recorder.TakeDirty(word); bits != 0; bits &= bits - 1)
            {
                segments.Add(TakeSegment((word * 64) + BitOperations.TrailingZeroCount(bits)));
            }
        }

        return new BucketTally(segments, LatencyHistogram.Quantile(all, 0.5), LatencyHistogram.Quantile(all, 0.99));
    }

    private SegmentTally TakeSegment(int segment)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(previous, segment, out _);
        last ??= new Previous();
        Span<long> now = stackalloc long[LoadRecorder.Line];
        now.Clear();
        recorder.Read(segment, now);
        Span<uint> counts = stackalloc uint[LatencyHistogram.Bins];
        counts.Clear();
        recorder.ReadLatencies(segment, counts);
        Span<uint> bins = stackalloc uint[LatencyHistogram.Bins];
        for (var bin = 0; bin < bins.Length; bin++)
        {
            var count = counts[bin];
            bins[bin] = unchecked(count - last.Latencies[bin]);
            last.Latencies[bin] = count;
            all[bin] += bins[bin];
        }

        var was = last.Counters;
        var tally = new SegmentTally(
            new SegmentId((ushort)segment),
            now[LoadRecorder.Reads] - was[LoadRecorder.Reads],
            now[LoadRecorder.Writes] - was[LoadRecorder.Writes],
            now[LoadRecorder.BytesIn] - was[LoadRecorder.BytesIn],
            now[LoadRecorder.BytesOut] - was[LoadRecorder.BytesOut],
            (now[LoadRecorder.CpuTicks] - was[LoadRecorder.CpuTicks]) * recorder.MicrosPerTick,
            (now[LoadRecorder.FollowerTicks] - was[LoadRecorder.FollowerTicks]) * recorder.MicrosPerTick,
            now[LoadRecorder.FollowedEntries] - was[LoadRecorder.FollowedEntries],
            LatencyHistogram.Quantile(bins, 0.5),
            LatencyHistogram.Quantile(bins, 0.99));
        now.CopyTo(was);
        return tally;
    }

    private sealed class Previous
    {
        public long[] Counters { get; } = new long[LoadRecorder.Line];

        public uint[] Latencies { get; } = new uint[LatencyHistogram.Bins];
    }
}
