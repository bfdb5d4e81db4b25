using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>Builds a frame: chooses, orders and folds the rows, codes the cells, sums both ways, and marks what is said about them.</summary>
internal static class HeatmapBuilder
{
    /// <summary>Leader index of a row that nobody leads.</summary>
    public const ushort NoLeader = ushort.MaxValue;

    /// <summary>The frame of this input.</summary>
    public static HeatmapFrame Build(HeatmapInput input) => Build(input, out _);

    /// <summary>The frame of this input, and the rows that a later frame of the same view keeps.</summary>
    public static HeatmapFrame Build(HeatmapInput input, out IReadOnlyList<int[]> rows)
    {
        var owners = new HeatmapOwners(input);
        var shown = Shown(input, owners);
        rows = input.Fold ?? RowsOf(input, owners, shown);
        var values = RowValues(input, owners, rows);
        var scale = input.Scale ?? HeatmapScale.For(values.SelectMany(v => v)).OrKeep(input.LastScale);
        var error = input.View.Mode == HeatmapMode.Error;
        var cells = Cells(values, rows.Count, error ? scale.ErrorCode : scale.Code);
        var low = Cells(Aggregate(input, owners, rows, input.Low, owners.AtForecast), rows.Count, scale.Code);
        var high = Cells(Aggregate(input, owners, rows, input.High, owners.AtForecast), rows.Count, scale.Code);
        var rowInfo = new HeatmapRow[rows.Count];
        for (var r = 0; r < rows.Count; r++)
        {
            rowInfo[r] = owners.RowOf(rows[r], input.View);
        }

        return new HeatmapFrame(
            input.View.Mode, input.View.Metric, input.Sequence, (uint)input.Map.Epoch, input.Now, input.ForecastMadeAt, scale, input.FirstForecastColumn,
            input.Columns, rowInfo, [.. rows.SelectMany(r => r).Select(s => (ushort)s)], cells, low, high,
            ColumnSums(input, shown), RowSums(input, values, rows.Count), Marks(input, owners, rows));
    }

    private static List<int> Shown(HeatmapInput input, HeatmapOwners owners)
    {
        var view = input.View;
        var last = view.LastSegment < 0 ? input.Map.SegmentCount - 1 : Math.Min(view.LastSegment, input.Map.SegmentCount - 1);
        var node = view.Node is null ? -1 : owners.NodeIndex(view.Node);
        var shown = new List<int>();
        for (var s = view.FirstSegment; s <= last; s++)
        {
            var shard = owners.Shown[s];
            if ((view.Shard == 0 || shard == view.Shard) && (view.Node is null || owners.LeaderOf(shard) == node))
            {
                shown.Add(s);
            }
        }

        return shown;
    }

    private static IReadOnlyList<int[]> RowsOf(HeatmapInput input, HeatmapOwners owners, List<int> shown)
    {
        var peak = Peaks(input.Values, input.Map.SegmentCount);
        switch (input.View.Rows)
        {
            case HeatmapRows.Shards:
                return [.. shown.GroupBy(s => owners.Shown[s]).OrderBy(g => input.View.Order == HeatmapOrder.Node ? owners.LeaderOf(g.Key) : 0).ThenBy(g => g.Key).Select(g => g.ToArray())];
            case HeatmapRows.Nodes:
                return [.. shown.GroupBy(s => owners.LeaderOf(owners.Shown[s])).OrderBy(g => g.Key).Select(g => g.ToArray())];
            default:
                var ahead = Peaks(input.Values.Skip(input.FirstForecastColumn), input.Map.SegmentCount);
                IEnumerable<int> order = input.View.Order switch
                {
                    HeatmapOrder.Shard => shown.OrderBy(s => owners.Shown[s]).ThenBy(s => owners.IsMoved(s) ? 0 : 1).ThenBy(s => s),
                    HeatmapOrder.Node => shown.OrderBy(s => owners.LeaderOf(owners.Shown[s])).ThenBy(s => owners.Shown[s]).ThenBy(s => owners.IsMoved(s) ? 0 : 1).ThenBy(s => s),
                    HeatmapOrder.HottestAhead => shown.OrderByDescending(s => ahead[s]).ThenByDescending(s => peak[s]).ThenBy(s => s),
                    _ => shown,
                };
                return RowFold.Fold([.. order], owners.Shown, peak, owners.Moved, input.MaxRows);
        }
    }

    private static double[] Peaks(IEnumerable<float[]> columns, int segments)
    {
        var peak = new double[segments];
        foreach (var column in columns)
        {
            for (var s = 0; s < segments; s++)
            {
                if (column[s] > peak[s])
                {
                    peak[s] = column[s];
                }
            }
        }

        return peak;
    }

    private static float[][] RowValues(HeatmapInput input, HeatmapOwners owners, IReadOnlyList<int[]> rows)
    {
        if (input.View.Mode != HeatmapMode.Error)
        {
            var measured = Aggregate(input, owners, rows, [.. input.Values.Take(input.FirstForecastColumn)], owners.Now);
            return [.. measured, .. Aggregate(input, owners, rows, [.. input.Values.Skip(input.FirstForecastColumn)], owners.AtForecast)];
        }

        var came = Aggregate(input, owners, rows, input.Values, owners.Now);
        var expected = Aggregate(input, owners, rows, input.Forecasted ?? [], owners.Now);
        for (var c = 0; c < came.Length; c++)
        {
            for (var r = 0; r < rows.Count; r++)
            {
                came[c][r] = c < expected.Length && c < input.FirstForecastColumn ? came[c][r] - expected[c][r] : float.NaN;
            }
        }

        return came;
    }

    /// <summary>Values per row: the maximum of its segments, or, where rows are shards or nodes, the sum of what <paramref name="ownerOf"/> gives them.</summary>
    private static float[][] Aggregate(HeatmapInput input, HeatmapOwners owners, IReadOnlyList<int[]> rows, IReadOnlyList<float[]> columns, int[] ownerOf)
    {
        var result = new float[columns.Count][];
        var sums = input.View.Rows != HeatmapRows.Segments;
        var rowOf = sums ? owners.RowOfSegment(rows, input.View, ownerOf) : [];
        for (var c = 0; c < columns.Count; c++)
        {
            var (column, target) = (columns[c], result[c] = new float[rows.Count]);
            Array.Fill(target, float.NaN);
            if (sums)
            {
                for (var s = 0; s < rowOf.Length; s++)
                {
                    if (rowOf[s] >= 0 && !float.IsNaN(column[s]))
                    {
                        target[rowOf[s]] = float.IsNaN(target[rowOf[s]]) ? column[s] : target[rowOf[s]] + column[s];
                    }
                }

                continue;
            }

            for (var r = 0; r < rows.Count; r++)
            {
                foreach (var s in rows[r])
                {
                    if (!(column[s] <= target[r]) && !float.IsNaN(column[s]))
                    {
                        target[r] = column[s];
                    }
                }
            }
        }

        return result;
    }

    private static byte[] Cells(float[][] values, int rows, Func<double, byte> code)
    {
        var cells = new byte[values.Length * rows];
        for (var c = 0; c < values.Length; c++)
        {
            for (var r = 0; r < rows; r++)
            {
                cells[(c * rows) + r] = code(values[c][r]);
            }
        }

        return cells;
    }

    private static float[] ColumnSums(HeatmapInput input, List<int> shown)
    {
        var sums = new float[input.Columns.Count];
        for (var c = 0; c < sums.Length; c++)
        {
            var (sum, any) = (0.0, false);
            foreach (var s in shown)
            {
                var value = input.Values[c][s];
                any |= !float.IsNaN(value);
                sum += float.IsNaN(value) ? 0 : value;
            }

            sums[c] = any ? (float)sum : float.NaN;
        }

        return sums;
    }

    private static float[] RowSums(HeatmapInput input, float[][] values, int rows)
    {
        var means = new float[rows];
        for (var r = 0; r < rows; r++)
        {
            var (sum, seconds) = (0.0, 0.0);
            for (var c = 0; c < values.Length; c++)
            {
                if (!float.IsNaN(values[c][r]))
                {
                    sum += values[c][r] * input.Columns[c].Span.TotalSeconds;
                    seconds += input.Columns[c].Span.TotalSeconds;
                }
            }

            means[r] = seconds > 0 ? (float)(sum / seconds) : float.NaN;
        }

        return means;
    }

    private static HeatmapMarks Marks(HeatmapInput input, HeatmapOwners owners, IReadOnlyList<int[]> rows)
    {
        static double? Known(double value) => double.IsFinite(value) ? value : null;
        var view = input.View;
        var nodes = input.Nodes.Select(n =>
        {
            var effect = input.Plan?.Nodes.FirstOrDefault(e => e.Node == n.Id);
            return new NodeMark(n.Name, Known(effect?.Before ?? n.Dimensions.FirstOrDefault(d => d.Name == "cpu")?.Peak ?? double.NaN), Known(effect?.After ?? double.NaN));
        });
        var segmentRows = view.Rows == HeatmapRows.Segments;
        return new HeatmapMarks(
            input.Map.SegmentCount, input.Map.SlotsPerSegment, view.Metric.Label(), view.Metric.Unit(), view.Order.ToString(), view.Rows.ToString(), [.. nodes],
            view.Mode == HeatmapMode.ActualAndForecast && segmentRows && view.Metric == LoadMetric.Cpu ? HeatmapHotSpots.Find(input, rows) : [],
            view.Mode == HeatmapMode.AfterPlan && segmentRows ? owners.MovedMarks(rows) : [],
            input.Plan is null ? null : Labels.ShortId(input.Plan.Summary.Id));
    }
}
