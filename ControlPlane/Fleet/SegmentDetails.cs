using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>One segment as its drawer shows it.</summary>
internal static class SegmentDetails
{
    private const int ShownKeys = 10;

    /// <summary>The detail of a segment of the map.</summary>
    /// <param name="past">The leader's CPU of the last day.</param>
    public static SegmentDetail Of(SegmentId segment, FleetState state, LiveLoad? live, ScoreBoard? board, ForecastFrame? forecast, SegmentMatrix past)
    {
        var i = segment.Value;
        var shard = state.Map.OwnerOf(segment);
        long keys = 0, bytes = 0;
        live?.Levels.TryGet(i, out keys, out bytes);
        var score = board is not null && i < board.Segments.Count ? board.Segments[i] : null;
        var known = forecast is not null && i < forecast.Models.Count ? forecast : null;
        var first = i * state.Map.SlotsPerSegment;
        return new SegmentDetail(
            segment, first, first + state.Map.SlotsPerSegment - 1, shard, state.LeaderOf(shard), keys, bytes, Now(LoadMetric.Reads), Now(LoadMetric.Writes),
            Now(LoadMetric.Cpu), board?.Reactive is null ? score?.Peak ?? double.NaN : double.NaN, board?.Reactive is null ? score?.PeakAt : null,
            known?.Models[i] ?? "", known?.Errors[i] ?? double.NaN, Series(i, known, past), live?.HotKeys(segment, ShownKeys) ?? [],
            state.Map.Exceptions.FirstOrDefault(e => e.Segment == segment)?.Reason);

        double Now(LoadMetric metric) => live?.Now(metric)[i] ?? double.NaN;
    }

    private static LoadSeries Series(int segment, ForecastFrame? forecast, SegmentMatrix past)
    {
        double[] Of(IReadOnlyList<float[]> rows) => [.. rows.Select(r => (double)r[segment])];
        return new LoadSeries(
            "mcore", past.Starts, Of(past.Values), forecast?.Starts ?? [], Of(forecast?.Q10 ?? []), Of(forecast?.Q50 ?? []), Of(forecast?.Q90 ?? []));
    }
}
