using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.History;

/// <summary>The measured frames that are still added to, of all tiers. Not safe for concurrent use: the history store holds its lock.</summary>
internal sealed class OpenFrames(int segments, HistoryTier finest)
{
    private readonly Dictionary<Key, Open> frames = [];

    /// <summary>The tiers that are kept at this pace.</summary>
    public IReadOnlyList<HistoryTier> Tiers { get; } = [.. HistoryTiers.All.Where(t => t >= finest)];

    /// <summary>Frames held.</summary>
    public int Count => frames.Count;

    /// <summary>Frames that [from, to) (Unix seconds, with fractions) touches and that are not held yet.</summary>
    public IEnumerable<(HistoryTier Tier, long Start)> Missing(double from, double to) =>
        Tiers.SelectMany(tier => Touched(tier, from, to).Select(start => (tier, start))).Where(x => !frames.ContainsKey(new Key(x.tier, x.start)));

    /// <summary>Holds a frame, with what was kept of it before (null: nothing) per metric.</summary>
    public void Hold(HistoryTier tier, long start, IReadOnlyDictionary<LoadMetric, MetricFrame> kept)
    {
        var open = new Open();
        foreach (var (metric, frame) in kept)
        {
            open.Metrics[(int)metric] = frame;
        }

        frames[new Key(tier, start)] = open;
    }

    /// <summary>Spreads a slice over all frames that it touches; they are held. A segment is covered where <paramref name="covers"/>.</summary>
    /// <param name="metric">What was measured.</param>
    /// <param name="from">Start of the slice, Unix seconds of model time.</param>
    /// <param name="to">Its end.</param>
    /// <param name="rates">Rate per segment; NaN where this report says nothing.</param>
    /// <param name="covers">Segments for which the report speaks.</param>
    public void Add(LoadMetric metric, double from, double to, ReadOnlySpan<float> rates, ReadOnlySpan<bool> covers)
    {
        foreach (var tier in Tiers)
        {
            foreach (var start in Touched(tier, from, to))
            {
                var lasted = Math.Min(to, start + tier.Seconds()) - Math.Max(from, start);
                var open = frames[new Key(tier, start)];
                var frame = open.Metrics[(int)metric] ??= new MetricFrame(segments);
                open.Dirty = true;
                for (var i = 0; i < rates.Length; i++)
                {
                    if (!float.IsNaN(rates[i]))
                    {
                        frame.Add(i, rates[i], lasted, covers[i]);
                    }
                }
            }
        }
    }

    /// <summary>All frames that changed since the last call, coded.</summary>
    public List<FrameRow> TakeDirty()
    {
        var rows = new List<FrameRow>();
        foreach (var (key, open) in frames.Where(f => f.Value.Dirty))
        {
            open.Dirty = false;
            for (var metric = 1; metric < open.Metrics.Length; metric++)
            {
                if (open.Metrics[metric] is { } frame)
                {
                    rows.Add(new FrameRow { Tier = (byte)key.Tier, Metric = (byte)metric, Start = key.Start, Data = frame.Encode() });
                }
            }
        }

        return rows;
    }

    /// <summary>Marks all held frames as changed: the write of what <see cref="TakeDirty"/> gave has failed.</summary>
    public void MarkAllDirty()
    {
        foreach (var open in frames.Values)
        {
            open.Dirty = true;
        }
    }

    /// <summary>Lets go of unchanged frames that ended more than one length (at least ten real seconds) before <paramref name="now"/> (Unix seconds).</summary>
    public void Forget(double now, double tenRealSeconds)
    {
        foreach (var key in frames.Where(f => !f.Value.Dirty).Select(f => f.Key).ToList())
        {
            var length = key.Tier.Seconds();
            if (key.Start + length + Math.Max(length, tenRealSeconds) < now)
            {
                frames.Remove(key);
            }
        }
    }

    /// <summary>Held frames of a tier and metric that start in [from, to).</summary>
    public IEnumerable<(long Start, MetricFrame Frame)> Of(HistoryTier tier, LoadMetric metric, long from, long to)
    {
        foreach (var (key, open) in frames)
        {
            if (key.Tier == tier && key.Start >= from && key.Start < to && open.Metrics[(int)metric] is { } frame)
            {
                yield return (key.Start, frame);
            }
        }
    }

    private static IEnumerable<long> Touched(HistoryTier tier, double from, double to)
    {
        for (var start = tier.StartOf((long)Math.Floor(from)); start < to; start += tier.Seconds())
        {
            yield return start;
        }
    }

    private readonly record struct Key(HistoryTier Tier, long Start);

    private sealed class Open
    {
        public MetricFrame?[] Metrics { get; } = new MetricFrame?[(int)LoadMetric.DataBytes + 1];

        public bool Dirty { get; set; }
    }
}
