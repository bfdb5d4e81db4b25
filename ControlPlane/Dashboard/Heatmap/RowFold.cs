namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>
/// Folds segments into at most as many rows as there are pixels: again and again the neighbouring pair with the smallest
/// peak × number of segments becomes one row. What is hot keeps a row of its own, and shards stay apart as long as the height allows it.
/// </summary>
internal static class RowFold
{
    private const double HotPercentile = 0.99;

    /// <summary>The rows, each the list of its segments, in the order given.</summary>
    /// <param name="order">Segments in the order of display.</param>
    /// <param name="shardOf">Shard of each segment, by segment.</param>
    /// <param name="peak">Highest value of each segment in the view, by segment; NaN counts as 0.</param>
    /// <param name="alone">Segments that stay alone beside the hottest hundredth; may be empty.</param>
    /// <param name="maxRows">At least 1.</param>
    public static IReadOnlyList<int[]> Fold(IReadOnlyList<int> order, IReadOnlyList<int> shardOf, IReadOnlyList<double> peak, IReadOnlySet<int> alone, int maxRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        var rows = order.Select(s => new Row { Segments = [s], Peak = Finite(peak[s]), Shard = shardOf[s], Alone = alone.Contains(s) }).ToList();
        if (rows.Count <= maxRows)
        {
            return rows.ConvertAll(r => r.Segments.ToArray());
        }

        var sorted = rows.Select(r => r.Peak).Order().ToArray();
        var hot = sorted[(int)(HotPercentile * (sorted.Length - 1))];
        foreach (var row in rows)
        {
            row.Alone |= row.Peak > hot;
        }

        // Three passes, each with one rule less, because the height is the one limit that cannot be exceeded.
        Pass(rows, maxRows, (a, b) => a.Shard == b.Shard && !a.Alone && !b.Alone);
        Pass(rows, maxRows, (a, b) => !a.Alone && !b.Alone);
        Pass(rows, maxRows, (_, _) => true);
        return rows.ConvertAll(r => r.Segments.ToArray());
    }

    private static void Pass(List<Row> rows, int maxRows, Func<Row, Row, bool> may)
    {
        var left = rows.Count;
        if (left <= maxRows)
        {
            return;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].Place = i;
            rows[i].Next = i + 1 < rows.Count ? rows[i + 1] : null;
            rows[i].Previous = i > 0 ? rows[i - 1] : null;
        }

        // Entries are (row, its version, the next row's version); one whose version is old is passed over.
        var queue = new PriorityQueue<(Row Row, int Version, int NextVersion), (double Cost, int Place)>();
        foreach (var row in rows)
        {
            Offer(row);
        }

        while (left > maxRows && queue.TryDequeue(out var entry, out _))
        {
            var (row, version, nextVersion) = entry;
            if (row.Gone || row.Version != version || row.Next is not { } next || next.Version != nextVersion)
            {
                continue;
            }

            row.Segments.AddRange(next.Segments);
            row.Shard = next.Peak > row.Peak ? next.Shard : row.Shard;
            row.Peak = Math.Max(row.Peak, next.Peak);
            row.Alone |= next.Alone;
            row.Version++;
            next.Gone = true;
            row.Next = next.Next;
            if (row.Next is not null)
            {
                row.Next.Previous = row;
            }

            left--;
            Offer(row);
            if (row.Previous is { } before)
            {
                Offer(before);
            }
        }

        rows.RemoveAll(r => r.Gone);

        void Offer(Row row)
        {
            if (row.Next is { } next && may(row, next))
            {
                var cost = Math.Max(row.Peak, next.Peak) * (row.Segments.Count + next.Segments.Count);
                queue.Enqueue((row, row.Version, next.Version), (cost, row.Place));
            }
        }
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    private sealed class Row
    {
        public required List<int> Segments { get; init; }

        public double Peak { get; set; }

        public int Shard { get; set; }

        public bool Alone { get; set; }

        public bool Gone { get; set; }

        public int Version { get; set; }

        public int Place { get; set; }

        public Row? Next { get; set; }

        public Row? Previous { get; set; }
    }
}
