using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// Puts frames of several tiers and sources together into columns of one step. What was measured wins over what was imported or generated (sources above
/// <see cref="Measured"/>), and gives way to what was imported to stand over it (sources below), segment by segment; the rates of several imports of one time and kind add
/// up; a coarser tier fills only columns about which finer ones say nothing.
/// </summary>
internal sealed class HistoryColumns(LoadMetric metric, long from, long to, int stepSeconds, int segments)
{
    /// <summary>The source of what the cluster reported.</summary>
    public const long Measured = 0;

    private readonly SortedDictionary<long, Sum>?[] columns = new SortedDictionary<long, Sum>?[(to - from) / stepSeconds];
    private readonly bool[] closed = new bool[(to - from) / stepSeconds];

    /// <summary>Number of columns.</summary>
    public int Count => columns.Length;

    /// <summary>Whether some column is still without any frame.</summary>
    public bool HasEmpty => Array.Exists(columns, c => c is null);

    /// <summary>Adds a frame of <paramref name="tier"/>.</summary>
    /// <param name="measuredBefore">Measured frames only fill columns that start before this (Unix seconds): later ones were measured more finely, and what is missing there is a gap.</param>
    public void Add(HistoryTier tier, long start, long source, MetricFrame frame, long measuredBefore)
    {
        var length = tier.Seconds();
        var before = source == Measured ? measuredBefore : long.MaxValue;
        if (length <= stepSeconds)
        {
            if (start >= from && start < before)
            {
                AddTo((int)((start - from) / stepSeconds), source, frame, length);
            }

            return;
        }

        var first = Math.Max(0, (start - from) / stepSeconds);
        for (var column = first; column < columns.Length && from + (column * stepSeconds) < Math.Min(start + length, before); column++)
        {
            AddTo((int)column, source, frame, length);
        }
    }

    /// <summary>Ends a tier: columns that have something take nothing from coarser tiers.</summary>
    public void EndTier()
    {
        for (var i = 0; i < columns.Length; i++)
        {
            closed[i] |= columns[i] is not null;
        }
    }

    /// <summary>The columns; a segment about which nothing is known is NaN.</summary>
    public SegmentMatrix ToMatrix()
    {
        var values = new float[columns.Length][];
        var starts = new DateTimeOffset[columns.Length];
        var spans = new TimeSpan[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            starts[i] = DateTimeOffset.FromUnixTimeSeconds(from + ((long)i * stepSeconds));
            spans[i] = TimeSpan.FromSeconds(stepSeconds);
            values[i] = Column(columns[i]);
        }

        return new SegmentMatrix(starts, spans, values);
    }

    private void AddTo(int column, long source, MetricFrame frame, int length)
    {
        if (column < 0 || column >= columns.Length || closed[column])
        {
            return;
        }

        var sums = columns[column] ??= [];
        if (!sums.TryGetValue(source, out var sum))
        {
            sums[source] = sum = new Sum(new double[segments], new double[segments]);
        }

        frame.AddTo(sum.RateSeconds, sum.Covered, metric, length);
    }

    private float[] Column(SortedDictionary<long, Sum>? sums)
    {
        var column = new float[segments];
        var kinds = new sbyte[segments];
        Array.Fill(column, float.NaN);

        // Ascending: each segment is told by the first kind of source that knows it.
        foreach (var (source, sum) in sums ?? [])
        {
            var kind = (sbyte)Math.Sign(source);
            for (var i = 0; i < segments; i++)
            {
                if (sum.Covered[i] > 0 && (float.IsNaN(column[i]) || kinds[i] == kind))
                {
                    column[i] = (float.IsNaN(column[i]) ? 0 : column[i]) + (float)(sum.RateSeconds[i] / sum.Covered[i]);
                    kinds[i] = kind;
                }
            }
        }

        return column;
    }

    private readonly record struct Sum(double[] RateSeconds, double[] Covered);
}
