using System.Collections.Immutable;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>What one bucket is made of.</summary>
/// <param name="StartUnixMs">Start of the bucket, Unix milliseconds.</param>
/// <param name="LengthMs">Its real length, milliseconds, above 0.</param>
internal sealed record BucketInput(
    long StartUnixMs, int LengthMs, BucketTally Tally, ProcessTotals Before, ProcessTotals After, IReadOnlyList<SegmentHolding> Holdings,
    ImmutableArray<QuerySample> Samples);

/// <summary>
/// Makes load reports out of buckets: attributes the CPU, and names the segments on which something was counted or whose holdings have changed since they were
/// last reported. Now and then all holdings are reported, so that a lost report does not leave the control plane with an old figure. Decides only; one thread.
/// </summary>
internal sealed class ReportComposer(LoadOptions options, ulong boot)
{
    private readonly Dictionary<SegmentId, SegmentHolding> reported = [];
    private double idleMicrosPerMs = -1;
    private long sequence;

    /// <summary>The bucket as the rest of the node sees it, and the segments of its report.</summary>
    public (LoadView View, ImmutableArray<SegmentLoad> Segments) Close(BucketInput input)
    {
        var processMicros = Math.Max(0, input.After.CpuMicros - input.Before.CpuMicros);
        idleMicrosPerMs = CpuAttribution.Idle(
            idleMicrosPerMs, input.Tally, processMicros / input.LengthMs, CpuAttribution.Work(input.Tally, options.Attribution) / input.LengthMs);
        var cpu = CpuAttribution.Distribute(
            input.Tally.Segments, processMicros, Math.Max(0, idleMicrosPerMs) * input.LengthMs, options.Attribution);
        var seconds = input.LengthMs / 1000.0;
        var view = new LoadView(
            input.StartUnixMs,
            input.After.Since(input.Before, seconds),
            input.Tally.Segments.Sum(s => s.Commands) / seconds,
            input.Tally.LatencyP50Micros,
            input.Tally.LatencyP99Micros,
            Hottest(input.Tally.Segments, cpu, seconds));
        return (view, Segments(input, cpu));
    }

    /// <summary>The report of a bucket. The sequence rises whether it arrives or not: what is missing there is a gap.</summary>
    public LoadReport Report(string clusterId, NodeId node, BucketInput input, ImmutableArray<SegmentLoad> segments, NodeStatus status) =>
        new(clusterId, node, boot, ++sequence, input.StartUnixMs, input.LengthMs, segments, input.Samples, status);

    private ImmutableArray<SegmentLoad> Segments(BucketInput input, SegmentCpu[] cpu)
    {
        var held = input.Holdings.ToDictionary(h => h.Segment);
        var all = sequence % Math.Max(1, options.FullReportEvery) == 0;
        var rows = new SortedDictionary<SegmentId, SegmentLoad>();
        for (var i = 0; i < cpu.Length; i++)
        {
            var s = input.Tally.Segments[i];
            var leads = held.TryGetValue(s.Segment, out var holding);
            rows[s.Segment] = new SegmentLoad(
                s.Segment, s.Reads, s.Writes, s.BytesIn, s.BytesOut, cpu[i].LeaderMicros, cpu[i].FollowerMicros, s.LatencyP50Micros, s.LatencyP99Micros,
                leads ? holding.Keys : -1, leads ? holding.DataBytes : -1);
        }

        foreach (var holding in input.Holdings)
        {
            // A segment never reported is news even when it is empty: the control plane learns who leads it.
            if ((all || !reported.TryGetValue(holding.Segment, out var last) || last != holding) && !rows.ContainsKey(holding.Segment))
            {
                rows[holding.Segment] = new SegmentLoad(holding.Segment, 0, 0, 0, 0, 0, 0, 0, 0, holding.Keys, holding.DataBytes);
            }
        }

        reported.Clear();
        foreach (var holding in input.Holdings)
        {
            reported[holding.Segment] = holding;
        }

        return [.. rows.Values];
    }

    private static SegmentHeat[] Hottest(IReadOnlyList<SegmentTally> segments, SegmentCpu[] cpu, double seconds) =>
    [
        .. segments.Select((s, i) => new SegmentHeat(s.Segment, (int)(cpu[i].LeaderMicros / 1000.0 / seconds)))
            .Where(h => h.Millicores > 0).OrderByDescending(h => h.Millicores).ThenBy(h => h.Segment).Take(NodeGossip.MaxHottest),
    ];
}
