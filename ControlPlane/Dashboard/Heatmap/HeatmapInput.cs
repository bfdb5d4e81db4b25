using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>What a frame is built from. Values are [column][segment], NaN is a gap.</summary>
/// <param name="MaxRows">Pixels of height: at least 1, at most <see cref="MaxHeight"/>.</param>
/// <param name="Nodes">In the order of their colours.</param>
/// <param name="Values">One array for each of <paramref name="Columns"/>.</param>
/// <param name="Low">10th percentile, one array per forecast column.</param>
/// <param name="High">90th percentile, likewise.</param>
/// <param name="Forecasted">In the Error mode: what had been forecast for each measured column.</param>
/// <param name="Scale">Scale of the unzoomed view; null: taken from this one.</param>
/// <param name="Fold">Rows kept from an earlier frame of the same view; null: fold now.</param>
internal sealed record HeatmapInput(
    HeatmapView View, int MaxRows, DateTimeOffset Now, uint Sequence, ShardMap Map, IReadOnlyList<NodeRow> Nodes, IReadOnlyList<ShardRow> Shards,
    IReadOnlyList<HeatmapColumn> Columns, int FirstForecastColumn, IReadOnlyList<float[]> Values, IReadOnlyList<float[]> Low, IReadOnlyList<float[]> High,
    DateTimeOffset? ForecastMadeAt, IReadOnlyList<float[]>? Forecasted, HeatmapScale? Scale, IReadOnlyList<int[]>? Fold, PlanDetail? Plan)
{
    /// <summary>Scale of the last frame of this view: it stays in force while the values have not outgrown it by much, so that colours stand still and columns that did not change need not be sent again.</summary>
    public HeatmapScale? LastScale { get; init; }

    /// <summary>Most rows that are sent.</summary>
    public const int MaxHeight = 2048;
}
