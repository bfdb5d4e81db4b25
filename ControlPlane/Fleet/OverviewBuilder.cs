using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Builds the Overview from snapshots.</summary>
internal static class OverviewBuilder
{
    private static readonly TimeSpan StripStep = TimeSpan.FromHours(1);

    /// <summary>The overview.</summary>
    /// <param name="past">The leader's CPU of the last day, columns of 5 min.</param>
    public static Overview Build(
        FleetState state, LiveLoad? live, ScoreBoard? board, ScoreBoard? after, double? skill, SegmentMatrix past, IReadOnlyList<NeedsYou> needs)
    {
        var reads = Total(live, LoadMetric.Reads);
        var writes = Total(live, LoadMetric.Writes);
        var predicted = board is { Reactive: null } ? board : null;
        var busiest = predicted?.Nodes.Where(n => !double.IsNaN(n.PeakRatio)).MaxBy(n => n.PeakRatio);
        return new Overview(
            Balance(predicted), Balance(predicted is null ? null : after ?? predicted), busiest is null ? "" : state.Find(busiest.Node)?.Member.Name ?? "",
            busiest?.PeakRatio ?? double.NaN, busiest?.PeakAt, reads + writes, reads + writes > 0 ? reads / (reads + writes) : double.NaN,
            Total(live, LoadMetric.BytesOut), live?.ClientP99Ms ?? double.NaN, skill ?? double.NaN, Fleet(predicted, past), Strips(state, board, predicted, past), needs);
    }

    /// <summary>Busiest node ÷ mean of the nodes, at the busiest node's peak.</summary>
    private static double Balance(ScoreBoard? board)
    {
        if (board is null || board.Nodes.Count == 0)
        {
            return double.NaN;
        }

        var busiest = board.Nodes.MaxBy(n => n.Peak)!;
        var step = Math.Max(0, Array.IndexOf(board.Field.Starts, busiest.PeakAt));
        var mean = board.Nodes.Average(n => n.PerStep[step]);
        return mean > 0 ? busiest.PerStep[step] / mean : double.NaN;
    }

    private static LoadSeries Fleet(ScoreBoard? predicted, SegmentMatrix past)
    {
        var measured = past.Values.Select(Known).ToList();
        if (predicted is null)
        {
            return new LoadSeries("mcore", past.Starts, measured, [], [], [], []);
        }

        var sum = new LoadSum(predicted.Field);
        for (var i = 0; i < predicted.Field.SegmentCount; i++)
        {
            sum.Add(LoadRole.Lead, i);
        }

        var steps = Enumerable.Range(0, predicted.Field.StepCount).ToList();
        return new LoadSeries(
            "mcore", past.Starts, measured, predicted.Field.Starts, steps.ConvertAll(k => Math.Max(0, sum.Mean(k) - (LoadSum.Quantile90 * sum.Sd(k)))),
            steps.ConvertAll(sum.Mean), steps.ConvertAll(k => sum.Mean(k) + (LoadSum.Quantile90 * sum.Sd(k))));
    }

    /// <summary>Shards by hour: the past day by present owners, then the predicted score.</summary>
    private static ShardStrips Strips(FleetState state, ScoreBoard? board, ScoreBoard? predicted, SegmentMatrix past)
    {
        var shards = state.Map.Shards.Select(s => s.Id).ToList();
        var threshold = board?.ThresholdMillicores ?? double.NaN;
        var times = past.Starts.Select(Hour).Distinct().ToList();
        var first = times.Count;
        var ahead = predicted is null ? [] : predicted.Field.Starts.Select((start, step) => (Start: start, Step: step)).GroupBy(x => Ahead(x.Start)).ToList();
        var rows = new List<IReadOnlyList<double>>();
        foreach (var shard in shards)
        {
            var segments = ShardRows.SegmentsOf(state.Map, shard);
            var sums = past.Values.Select(v => ShardRows.Sum(v, segments)).ToList();
            var row = times.ConvertAll(t => Mean(Enumerable.Range(0, sums.Count).Where(c => Hour(past.Starts[c]) == t).Select(c => sums[c])) / threshold);
            var score = predicted?.Shards.FirstOrDefault(s => s.Shard == shard);
            row.AddRange(ahead.Select(hour => score is null ? double.NaN : hour.Max(x => score.PerStep[x.Step]) / threshold));
            rows.Add(row);
        }

        return new ShardStrips([.. times, .. ahead.Select(h => h.First().Start)], first, shards, rows);

        // The first hour of a forecast has steps of 5 min; they make one column.
        long Ahead(DateTimeOffset start) => (start - predicted!.Field.Starts[0]).Ticks / StripStep.Ticks;
    }

    private static DateTimeOffset Hour(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % StripStep.Ticks), TimeSpan.Zero);

    private static double Mean(IEnumerable<double> values) => values.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Average();

    private static double Known(float[] column)
    {
        double sum = 0;
        var any = false;
        foreach (var value in column)
        {
            if (!float.IsNaN(value))
            {
                sum += value;
                any = true;
            }
        }

        return any ? sum : double.NaN;
    }

    private static double Total(LiveLoad? live, LoadMetric metric) => live is null ? 0 : live.Now(metric).Where(v => !float.IsNaN(v)).Sum(v => (double)v);
}
