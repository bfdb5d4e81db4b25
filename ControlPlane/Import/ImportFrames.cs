using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Turns counted requests into history frames: reads, writes and the CPU that they would cost here.</summary>
internal static class ImportFrames
{
    /// <summary>By how much the log's times are shifted, in whole buckets.</summary>
    public static TimeSpan Shift(ImportCounts counts, ImportShift shift, DateTimeOffset now, TimeSpan kept)
    {
        var step = TimeSpan.FromSeconds(counts.Tier.Seconds());
        var toNow = TimeSpan.FromTicks((now - counts.Last).Ticks / step.Ticks * step.Ticks);
        toNow = counts.Last + toNow > now ? toNow - step : toNow;
        return shift switch
        {
            ImportShift.None => TimeSpan.Zero,
            ImportShift.EndNow => toNow,
            _ when counts.Last <= now && counts.First > now - kept => TimeSpan.Zero,
            _ => TimeSpan.FromDays(Math.Floor((now - counts.Last).TotalDays)),
        };
    }

    /// <summary>
    /// The frames of all tiers from the counts' own on. A log's count over an interval becomes a rate at N: what a node would feel if the log
    /// were replayed at N log seconds per real second. From first to last request a segment without requests is a true zero.
    /// </summary>
    /// <param name="counts">What was counted, log time.</param>
    /// <param name="shift">By how much its times are shifted.</param>
    /// <param name="segments">Segments of the cluster.</param>
    /// <param name="factor">N, model seconds per real second.</param>
    /// <param name="cost">CPU µs of a read, a write, and a write for a follower.</param>
    /// <param name="source">The import's id.</param>
    public static IEnumerable<List<FrameRow>> Of(
        ImportCounts counts, TimeSpan shift, int segments, double factor, (double Read, double Write, double Follow) cost, long source)
    {
        var known = counts.Buckets.ToDictionary(b => b.Start, b => b.Counts);
        if (known.Count == 0)
        {
            yield break;
        }

        var step = counts.Tier.Seconds();
        var tiers = HistoryTiers.All.Where(t => t >= counts.Tier).ToArray();
        var open = new Dictionary<HistoryTier, OpenFrame>();
        var shiftSeconds = (long)shift.TotalSeconds;
        for (var start = known.Keys.Min(); start <= known.Keys.Max(); start += step)
        {
            var lasted = Lasted(counts, start, step);
            foreach (var tier in tiers)
            {
                var frameStart = tier.StartOf(start + shiftSeconds);
                if (open.TryGetValue(tier, out var frame) && frame.Start != frameStart)
                {
                    yield return frame.Rows(tier, source);
                    frame = null;
                }

                frame ??= open[tier] = new OpenFrame(frameStart, segments);
                frame.Add(known.GetValueOrDefault(start), lasted, factor, cost);
            }
        }

        foreach (var (tier, frame) in open)
        {
            yield return frame.Rows(tier, source);
        }
    }

    /// <summary>Seconds of a bucket between first and last request; at least one, so that a single request is no infinite rate.</summary>
    private static double Lasted(ImportCounts counts, long start, int step)
    {
        var from = Math.Max(start, counts.First.ToUnixTimeMilliseconds() / 1000.0);
        var to = Math.Min(start + step, counts.Last.ToUnixTimeMilliseconds() / 1000.0);
        return Math.Max(1, to - from);
    }

    private sealed class OpenFrame(long start, int segments)
    {
        private readonly (LoadMetric Metric, MetricFrame Frame)[] metrics =
            [.. new[] { LoadMetric.Reads, LoadMetric.Writes, LoadMetric.Cpu, LoadMetric.FollowerCpu }.Select(m => (m, new MetricFrame(segments)))];

        public long Start { get; } = start;

        public void Add(ImportCounts.Bucket? counts, double lasted, double factor, (double Read, double Write, double Follow) cost)
        {
            for (var i = 0; i < segments; i++)
            {
                var reads = (counts?.Reads[i] ?? 0) / lasted * factor;
                var writes = (counts?.Writes[i] ?? 0) / lasted * factor;
                metrics[0].Frame.Add(i, reads, lasted, covers: true);
                metrics[1].Frame.Add(i, writes, lasted, covers: true);
                metrics[2].Frame.Add(i, ((reads * cost.Read) + (writes * cost.Write)) / 1000, lasted, covers: true);
                metrics[3].Frame.Add(i, writes * cost.Follow / 1000, lasted, covers: true);
            }
        }

        public List<FrameRow> Rows(HistoryTier tier, long source) =>
            [.. metrics.Select(m => new FrameRow { Tier = (byte)tier, Metric = (byte)m.Metric, Start = Start, Source = source, Data = m.Frame.Encode() })];
    }
}
