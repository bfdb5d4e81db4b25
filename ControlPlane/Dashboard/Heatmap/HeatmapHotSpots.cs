namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>Finds where in the picture a predicted overload of a shard stands: its columns, and the run of rows that makes most of it.</summary>
internal static class HeatmapHotSpots
{
    /// <summary>Most marks of one frame.</summary>
    public const int Limit = 5;

    private const double PartOfHottest = 0.4;
    private const int RowGap = 3;

    /// <summary>The marks, worst first.</summary>
    public static IReadOnlyList<HotSpotMark> Find(HeatmapInput input, IReadOnlyList<int[]> rows)
    {
        var marks = new List<HotSpotMark>();
        foreach (var shard in input.Shards.Where(s => s.CrossesAt is not null && s.PeakAt is not null && s.Threshold > 0).OrderByDescending(s => s.Peak / s.Threshold))
        {
            if (marks.Count == Limit)
            {
                break;
            }

            if (MarkOf(input, rows, shard) is { } mark)
            {
                marks.Add(mark);
            }
        }

        return marks;
    }

    private static HotSpotMark? MarkOf(HeatmapInput input, IReadOnlyList<int[]> rows, Api.Model.ShardRow shard)
    {
        var own = new HashSet<int>();
        for (var s = 0; s < input.Map.SegmentCount; s++)
        {
            if (input.Map.Owners[s] == shard.Id)
            {
                own.Add(s);
            }
        }

        var sums = new double[input.Columns.Count];
        var peak = -1;
        for (var c = input.FirstForecastColumn; c < sums.Length; c++)
        {
            sums[c] = own.Sum(s => float.IsNaN(input.Values[c][s]) ? 0 : (double)input.Values[c][s]);
            peak = input.Columns[c].Start <= shard.PeakAt && shard.PeakAt < input.Columns[c].Start + input.Columns[c].Span ? c : peak;
        }

        var hotRows = Enumerable.Range(0, rows.Count).Where(r => rows[r].Any(own.Contains)).ToArray();
        // A zoomed view that does not reach the peak marks nothing, rather than the highest of what it happens to show.
        if (peak < 0 || sums[peak] <= 0 || hotRows.Length == 0)
        {
            return null;
        }

        // The shard's score is a quantile of a sum and the picture shows medians: the same part of the peak is over the threshold in both.
        var over = sums[peak] * Math.Min(1, shard.Threshold / shard.Peak);
        var (c0, c1) = (peak, peak);
        while (c0 > input.FirstForecastColumn && sums[c0 - 1] >= over)
        {
            c0--;
        }

        while (c1 + 1 < sums.Length && sums[c1 + 1] >= over)
        {
            c1++;
        }

        var (r0, r1, hot) = HottestRun(input, rows, own, hotRows, peak);
        var segments = rows.Skip(r0).Take(r1 - r0 + 1).SelectMany(r => r).Where(own.Contains).ToArray();
        return new HotSpotMark(
            shard.Id.ToString(), c0, c1, r0, r1, hot, segments.Min().ToString(System.Globalization.CultureInfo.InvariantCulture), segments.Max().ToString(System.Globalization.CultureInfo.InvariantCulture),
            shard.CrossesAt!.Value.ToUnixTimeMilliseconds(), shard.PeakAt!.Value.ToUnixTimeMilliseconds(), shard.Peak / shard.Threshold, shard.Now > 0 ? shard.Peak / shard.Now : 0);
    }

    private static (int First, int Last, int Hot) HottestRun(HeatmapInput input, IReadOnlyList<int[]> rows, HashSet<int> own, int[] hotRows, int column)
    {
        double ValueOf(int row) => rows[row].Where(own.Contains).Max(s => float.IsNaN(input.Values[column][s]) ? 0 : (double)input.Values[column][s]);
        var values = hotRows.Select(ValueOf).ToArray();
        var best = Array.IndexOf(values, values.Max());
        var limit = values[best] * PartOfHottest;
        var (first, last, hot) = (best, best, 1);

        // Rows of other shards between two rows of this one do not end the run, a colder one of its own may.
        for (var i = best - 1; i >= 0 && hotRows[first] - hotRows[i] <= RowGap; i--)
        {
            (first, hot) = values[i] >= limit ? (i, hot + 1) : (first, hot);
        }

        for (var i = best + 1; i < values.Length && hotRows[i] - hotRows[last] <= RowGap; i++)
        {
            (last, hot) = values[i] >= limit ? (i, hot + 1) : (last, hot);
        }

        return (hotRows[first], hotRows[last], hot);
    }
}
