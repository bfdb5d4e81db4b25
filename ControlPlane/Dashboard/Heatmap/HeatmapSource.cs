using System.Collections.Concurrent;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>Reads what a view needs and keeps, per view, the scale and the rows, so that neither jumps from one frame to the next. Safe for concurrent use.</summary>
internal sealed class HeatmapSource(IClusterQueries queries, IHistoryReader history, IForecastReader forecasts, IPlanDesk plans)
{
    private const int KeptViews = 64;

    /// <summary>Cells of the frames that are kept for deltas, over all views: 64 MiB.</summary>
    private const long KeptCells = 64L << 20;

    private readonly ConcurrentDictionary<string, HeatmapScale> scales = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<HeatmapPattern>> patterns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<int[]>> folds = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, HeatmapFrame> sent = [];
    private readonly Queue<ulong> oldest = new();
    private long keptCells;

    /// <summary>The patterns of the last four days; found once an hour of model time and metric.</summary>
    public async Task<IReadOnlyList<HeatmapPattern>> PatternsAsync(LoadMetric metric, CancellationToken cancellation)
    {
        var hour = TimeSpan.FromHours(1);
        var now = queries.Summary().Now.UtcDateTime;
        var to = new DateTimeOffset(now.Ticks - (now.Ticks % hour.Ticks), TimeSpan.Zero);
        var key = $"{metric}|{to.ToUnixTimeSeconds()}";
        if (!patterns.TryGetValue(key, out var found))
        {
            found = HeatmapPatterns.Find(await history.ReadAsync(metric, to - (HeatmapPatterns.Hours * hour), to, hour, cancellation));
            Keep(patterns, key, found);
        }

        return found;
    }

    /// <summary>What a frame of this view depends on at this moment; the same tag means the same frame.</summary>
    public string Tag(HeatmapView view, int maxRows)
    {
        var made = forecasts.Latest(view.Metric)?.MadeAt.ToUnixTimeSeconds() ?? 0;
        return $"{SequenceOf(view, queries.Summary().Now)}-{queries.Map().Epoch}-{made}-{maxRows}-{StringComparer.Ordinal.GetHashCode(view.ToQuery()):x8}";
    }

    /// <summary>Keeps a frame that is sent, so that the reader's next one can build on it.</summary>
    public void Remember(HeatmapFrame frame)
    {
        var id = HeatmapDelta.IdOf(frame);
        lock (gate)
        {
            if (frame.Cells.Length > KeptCells / 2 || !sent.TryAdd(id, frame))
            {
                return;
            }

            oldest.Enqueue(id);
            keptCells += frame.Cells.Length;
            while (keptCells > KeptCells)
            {
                sent.Remove(oldest.Dequeue(), out var forgotten);
                keptCells -= forgotten!.Cells.Length;
            }
        }
    }

    /// <summary>What changed since the frame of an id; null where that one is not kept any more or the whole frame is needed.</summary>
    public HeatmapDelta? Since(ulong id, HeatmapFrame next)
    {
        HeatmapFrame? before;
        lock (gate)
        {
            before = sent.GetValueOrDefault(id);
        }

        return before is null ? null : HeatmapDelta.Of(before, next);
    }

    /// <summary>The frame, or why there is none ("unavailable" before the cluster was founded, "not-found" for an unknown plan).</summary>
    public async Task<(HeatmapFrame? Frame, Outcome Outcome)> ReadAsync(HeatmapView view, int maxRows, CancellationToken cancellation)
    {
        if (queries.Map().SegmentCount == 0)
        {
            return (null, new Outcome("unavailable", "The cluster has not been founded yet: there is no shard map to draw."));
        }

        PlanDetail? plan = null;
        if (view.Mode == HeatmapMode.AfterPlan)
        {
            plan = view.Plan is null ? null : await plans.FindAsync(view.Plan, cancellation);
            if (plan is null)
            {
                return (null, new Outcome("not-found", $"Plan {view.Plan ?? "(none named)"} is not known: mode=ap needs plan= with a plan's hash or its first four digits or more."));
            }
        }

        var scaleKey = view.Unzoomed with { Plan = null, Mode = view.Mode == HeatmapMode.Error ? HeatmapMode.Error : HeatmapMode.ActualAndForecast, Order = HeatmapOrder.Keyspace, Node = null, Shard = 0 };
        HeatmapScale? scale = null;
        if (view.IsZoomed)
        {
            if (!scales.TryGetValue(scaleKey.ToQuery(), out var kept))
            {
                kept = HeatmapBuilder.Build(await GatherAsync(scaleKey, maxRows, null, cancellation)).Scale;
                Keep(scales, scaleKey.ToQuery(), kept);
            }

            scale = kept;
        }

        var input = await GatherAsync(view, maxRows, plan, cancellation) with { Scale = scale, LastScale = scales.TryGetValue(scaleKey.ToQuery(), out var last) ? last : null };
        var foldKey = $"{(view with { Brightness = 0, Pin = null }).ToQuery()}|{maxRows}|{input.Map.Epoch}|{input.ForecastMadeAt?.ToUnixTimeSeconds()}";
        input = input with { Fold = folds.GetValueOrDefault(foldKey) };
        var frame = HeatmapBuilder.Build(input, out var rows);
        Keep(folds, foldKey, rows);
        if (!view.IsZoomed && view.Node is null && view.Shard == 0)
        {
            Keep(scales, scaleKey.ToQuery(), frame.Scale);
        }

        return (frame, new Outcome(null, ""));
    }

    private async Task<HeatmapInput> GatherAsync(HeatmapView view, int maxRows, PlanDetail? plan, CancellationToken cancellation)
    {
        var summary = queries.Summary();
        var (columns, values, forecasted) = (new List<HeatmapColumn>(), new List<float[]>(), new List<float[]>());
        var tiers = HeatmapTiers.Of(view, summary.Now);
        for (var t = 0; t < tiers.Count; t++)
        {
            var matrix = await history.ReadAsync(view.Metric, tiers[t].From, tiers[t].To, tiers[t].Step, cancellation);
            for (var c = 0; c < matrix.Starts.Count; c++)
            {
                columns.Add(new HeatmapColumn(matrix.Starts[c], matrix.Spans[c], (byte)t, 0));
                values.Add(matrix.Values[c]);
            }
        }

        if (view.Mode == HeatmapMode.Error && columns.Count > 0)
        {
            var kept = await forecasts.ForecastOfThePastAsync(view.Metric, view.Lead, columns[0].Start, columns[^1].Start + columns[^1].Span, cancellation);
            forecasted.AddRange(columns.Select(c => At(kept, c.Start, history.SegmentCount)));
        }

        var first = columns.Count;
        var (low, high) = (new List<float[]>(), new List<float[]>());
        var newest = view.Mode == HeatmapMode.Error || view.AheadHours == 0 ? null : forecasts.Latest(view.Metric);
        var end = view.To ?? summary.Now.AddHours(view.AheadHours);
        for (var k = 0; newest is not null && k < newest.Starts.Count && columns.Count < HeatmapTiers.MaxColumns; k++)
        {
            var (from, to) = (newest.Starts[k], newest.Starts[k] + newest.Spans[k]);
            if (to <= summary.Now || to <= (view.From ?? DateTimeOffset.MinValue) || from >= end)
            {
                continue;
            }

            columns.Add(new HeatmapColumn(from, newest.Spans[k], (byte)(tiers.Count + (newest.Spans[k] >= TimeSpan.FromHours(1) ? 1 : 0)), 1));
            values.Add(newest.Q50[k]);
            low.Add(newest.Q10[k]);
            high.Add(newest.Q90[k]);
        }

        return new HeatmapInput(
            view, Math.Clamp(maxRows, 1, HeatmapInput.MaxHeight), summary.Now, SequenceOf(view, summary.Now), queries.Map(),
            [.. queries.Nodes().OrderBy(n => n.Name, StringComparer.Ordinal)], queries.Shards(), columns, first, values, low, high,
            newest?.MadeAt, view.Mode == HeatmapMode.Error ? forecasted : null, null, null, plan);
    }

    private static float[] At(SegmentMatrix kept, DateTimeOffset at, int segments)
    {
        for (var i = kept.Starts.Count - 1; i >= 0; i--)
        {
            if (kept.Starts[i] <= at && at < kept.Starts[i] + kept.Spans[i])
            {
                return kept.Values[i];
            }
        }

        var none = new float[segments];
        Array.Fill(none, float.NaN);
        return none;
    }

    // A whole view changes with the minute, a zoomed one with its ten-second columns.
    private static uint SequenceOf(HeatmapView view, DateTimeOffset now) => (uint)(now.ToUnixTimeSeconds() / (view.IsZoomed ? 10 : 60));

    private static void Keep<T>(ConcurrentDictionary<string, T> kept, string key, T value)
    {
        if (kept.Count >= KeptViews && !kept.ContainsKey(key))
        {
            kept.Clear();
        }

        kept[key] = value;
    }
}
