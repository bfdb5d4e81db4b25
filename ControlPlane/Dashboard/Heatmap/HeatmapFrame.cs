namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>A column. Kind 0 is measured, 1 forecast. Tier counts from 0 at the oldest.</summary>
internal readonly record struct HeatmapColumn(DateTimeOffset Start, TimeSpan Span, byte Tier, byte Kind);

/// <summary>A row: its lowest segment, number of segments, the shard and the leader's index in <see cref="HeatmapMarks.Nodes"/> (65535: none).</summary>
internal readonly record struct HeatmapRow(ushort FirstSegment, ushort Count, ushort Shard, ushort Leader);

/// <summary>A hot spot: columns and rows (both ends included) and what is said about it.</summary>
internal sealed record HotSpotMark(string Shard, int Column0, int Column1, int Row0, int Row1, int RowsHot, string FirstSegment, string LastSegment, long CrossesAt, long PeakAt, double PeakRatio, double TimesNow);

/// <summary>Segments that a plan brings to a shard: the rows they stand in.</summary>
internal sealed record MovedMark(string From, string To, int Row0, int Row1, int Segments, IReadOnlyList<int> SegmentIds);

/// <summary>A node in the order of its colour. Peaks are ratios of the capacity; null while unknown.</summary>
internal sealed record NodeMark(string Name, double? Before, double? After);

/// <summary>What the MARK section says, in JSON.</summary>
/// <param name="Segments">Number of segments of the cluster.</param>
/// <param name="Unit">Of the values.</param>
internal sealed record HeatmapMarks(
    int Segments, int SlotsPerSegment, string Metric, string Unit, string Order, string Rows, IReadOnlyList<NodeMark> Nodes,
    IReadOnlyList<HotSpotMark> Hot, IReadOnlyList<MovedMark> Moved, string? Plan);

/// <summary>
/// A whole view. Cells, Low and High are column-major (cell of row r in column c: [c × rows + r]); Low and High cover the forecast columns only.
/// </summary>
/// <param name="RowSegments">Segments of all rows, one row after the other, as many as each row's Count.</param>
/// <param name="ColumnSums">Sum over all segments shown, in the metric's unit; NaN without data.</param>
/// <param name="RowSums">Mean over the time shown of the row's sum, in the metric's unit.</param>
/// <param name="FirstForecastColumn">Number of columns where there is no forecast.</param>
internal sealed record HeatmapFrame(
    HeatmapMode Mode, Api.Model.LoadMetric Metric, uint Sequence, uint Epoch, DateTimeOffset Now, DateTimeOffset? ForecastMadeAt, HeatmapScale Scale,
    int FirstForecastColumn, IReadOnlyList<HeatmapColumn> Columns, IReadOnlyList<HeatmapRow> Rows, ushort[] RowSegments,
    byte[] Cells, byte[] Low, byte[] High, float[] ColumnSums, float[] RowSums, HeatmapMarks Marks);
