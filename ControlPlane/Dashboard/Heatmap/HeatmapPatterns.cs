using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>The forms that load takes in the picture, by the names that people give them.</summary>
internal enum HeatmapPatternKind
{
    /// <summary>One segment that stands far above the others nearly all the time: a bright line.</summary>
    HotLine,

    /// <summary>Load that walks through the keyspace: a diagonal, as scans and time-ordered keys make it.</summary>
    Sequential,

    /// <summary>Load that comes again each day.</summary>
    Periodic,

    /// <summary>Load that hardly changes.</summary>
    Even,
}

/// <summary>A pattern: its segments and times (both ends included), and its share of all load, 0..1.</summary>
internal sealed record HeatmapPattern(HeatmapPatternKind Kind, int FirstSegment, int LastSegment, DateTimeOffset From, DateTimeOffset To, double Share);

/// <summary>
/// Names the patterns of measured load. Works on hours: a day is 24 columns. A segment is periodic where its load correlates with that of a
/// day before (Pearson, at least <see cref="LeastCorrelation"/>), and even where its spread is small against its mean. Pure.
/// </summary>
internal static class HeatmapPatterns
{
    /// <summary>Hours that are looked at, and fewest from which anything is said.</summary>
    public const int Hours = 96;

    /// <summary>Least correlation with the day before of a periodic segment.</summary>
    public const double LeastCorrelation = 0.6;

    private const int Day = 24;
    private const int FewestHours = 48;
    private const int MostLines = 2;
    private const double LineTimesMean = 12;
    private const double EvenSpread = 0.25;
    private const double LeastShare = 0.05;
    private const int LeastSteps = 4;
    private const double LeastWay = 0.06;

    /// <summary>The patterns, what needs attention first. Empty while the history is too short.</summary>
    public static IReadOnlyList<HeatmapPattern> Find(SegmentMatrix hours)
    {
        var columns = hours.Values.Count;
        var segments = columns == 0 ? 0 : hours.Values[0].Length;
        var rows = Enumerable.Range(0, segments).Select(s => hours.Values.Select(c => float.IsFinite(c[s]) ? (double)c[s] : double.NaN).ToArray()).ToArray();
        var means = rows.Select(r => r.Where(double.IsFinite).DefaultIfEmpty(0).Average()).ToArray();
        var total = means.Sum();
        if (columns < FewestHours || total <= 0)
        {
            return [];
        }

        var (from, to) = (hours.Starts[0], hours.Starts[^1] + hours.Spans[^1]);
        var found = new List<HeatmapPattern>();
        found.AddRange(Enumerable.Range(0, segments).Where(s => IsLine(rows[s], total / segments)).OrderByDescending(s => means[s]).Take(MostLines)
            .Select(s => new HeatmapPattern(HeatmapPatternKind.HotLine, s, s, from, to, means[s] / total)));
        if (Walk(hours, rows, means) is { } walk)
        {
            found.Add(walk);
        }

        Share(HeatmapPatternKind.Periodic, s => !IsEven(rows[s], means[s]) && Correlation(rows[s]) >= LeastCorrelation);
        Share(HeatmapPatternKind.Even, s => IsEven(rows[s], means[s]));
        return found;

        void Share(HeatmapPatternKind kind, Func<int, bool> belongs)
        {
            var own = Enumerable.Range(0, segments).Where(s => means[s] > 0 && belongs(s)).ToArray();
            var share = own.Sum(s => means[s]) / total;
            if (share >= LeastShare)
            {
                found.Add(new HeatmapPattern(kind, own[0], own[^1], from, to, share));
            }
        }
    }

    // Far above the mean segment in nine hours of ten.
    private static bool IsLine(double[] row, double mean) => row.Count(v => v >= LineTimesMean * mean) >= 0.9 * row.Count(double.IsFinite) && row.Any(double.IsFinite);

    private static bool IsEven(double[] row, double mean) =>
        Math.Sqrt(row.Where(double.IsFinite).Select(v => (v - mean) * (v - mean)).DefaultIfEmpty(0).Average()) <= EvenSpread * mean;

    private static double Correlation(double[] row)
    {
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (var i = Day; i < row.Length; i++)
        {
            var (a, b) = (row[i - Day], row[i]);
            if (double.IsFinite(a) && double.IsFinite(b))
            {
                (n, x, y, xx, yy, xy) = (n + 1, x + a, y + b, xx + (a * a), yy + (b * b), xy + (a * b));
            }
        }

        var spread = ((n * xx) - (x * x)) * ((n * yy) - (y * y));
        return n >= Day && spread > 0 ? ((n * xy) - (x * y)) / Math.Sqrt(spread) : 0;
    }

    // The longest run of hours in which what is unusually hot moves on through the keyspace, always the same way.
    private static HeatmapPattern? Walk(SegmentMatrix hours, double[][] rows, double[] means)
    {
        var centres = Enumerable.Range(0, hours.Values.Count).Select(c => Centre(rows, means, c)).ToArray();
        (int From, int To) best = (0, 0);
        for (var start = 0; start < centres.Length;)
        {
            var end = start;
            var way = start + 1 < centres.Length && centres[start + 1] < centres[start] ? -1 : 1;
            while (end + 1 < centres.Length && Moves(centres[end], centres[end + 1], way, rows.Length))
            {
                end++;
            }

            best = end - start > best.To - best.From ? (start, end) : best;
            start = Math.Max(start + 1, end);
        }

        var (a, b) = (centres[best.From], centres[best.To]);
        if (best.To - best.From < LeastSteps || Math.Abs(b - a) < LeastWay * rows.Length)
        {
            return null;
        }

        var (low, high) = ((int)Math.Min(a, b), (int)Math.Max(a, b));
        var span = Enumerable.Range(best.From, best.To - best.From + 1).ToArray();
        var own = span.Sum(c => Enumerable.Range(low, high - low + 1).Sum(s => double.IsFinite(rows[s][c]) ? rows[s][c] : 0));
        var all = span.Sum(c => rows.Sum(r => double.IsFinite(r[c]) ? r[c] : 0));
        return new HeatmapPattern(HeatmapPatternKind.Sequential, low, high, hours.Starts[best.From], hours.Starts[best.To] + hours.Spans[best.To], all > 0 ? own / all : 0);
    }

    // One step is between a half per cent and a quarter of the keyspace: smaller is noise about a place, larger is another hot spot.
    private static bool Moves(double from, double to, int way, int segments)
    {
        var step = (to - from) * way / segments;
        return step is >= 0.005 and <= 0.25;
    }

    // Centre of the load that is more than three times its segment's mean; NaN where that is hardly anything or spread over the keyspace.
    private static double Centre(double[][] rows, double[] means, int column)
    {
        double weight = 0, sum = 0, square = 0, all = 0;
        for (var s = 0; s < rows.Length; s++)
        {
            var v = double.IsFinite(rows[s][column]) ? rows[s][column] : 0;
            all += v;
            var excess = v - (3 * means[s]);
            if (excess > 0)
            {
                (weight, sum, square) = (weight + excess, sum + (excess * s), square + (excess * s * s));
            }
        }

        if (weight < 0.05 * all || weight <= 0)
        {
            return double.NaN;
        }

        var centre = sum / weight;
        return Math.Sqrt(Math.Max(0, (square / weight) - (centre * centre))) < 0.12 * rows.Length ? centre : double.NaN;
    }
}
