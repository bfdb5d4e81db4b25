using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Explains load scores by what operations cost and what is forecast. Safe for concurrent use.</summary>
internal sealed class ScoreExplainer(LoadIntake intake, ScoreKeeper scores, ForecastStore forecasts) : IScoreQueries
{
    /// <inheritdoc/>
    public ScoreBreakdown? Breakdown(SegmentId segment)
    {
        var s = segment.Value;
        if (intake.Live is not { } live || s >= live.Segments || scores.Newest is not { } board || s >= board.Segments.Count)
        {
            return null;
        }

        double Now(LoadMetric metric) => live.Now(metric)[s] is var value && float.IsNaN(value) ? 0 : value;
        var prices = live.PricesOf(segment);
        var reads = Part(Now(LoadMetric.Reads), prices.Read);
        var writes = Part(Now(LoadMetric.Writes), prices.Write);
        var kib = Part((Now(LoadMetric.BytesIn) + Now(LoadMetric.BytesOut)) / 1024, prices.Kib);
        double measured = live.Now(LoadMetric.Cpu)[s];
        var score = board.Segments[s];
        var sum = new LoadSum(board.Field);
        sum.Add(LoadRole.Lead, s);
        return new ScoreBreakdown(
            segment, reads, writes, kib, measured, prices.Factor, measured - reads.Millicores - writes.Millicores - kib.Millicores, score.Peak,
            sum.Mean(Scorer.PeakStep(sum, board.Field.StepCount)), score.PeakAt, score.Confidence, Largest(s, LoadMetric.Reads, LoadMetric.Writes),
            Largest(s, LoadMetric.BytesIn, LoadMetric.BytesOut), board.SurprisedShards.Contains(board.Map.OwnerOf(segment)), board.Reactive is not null || board.ReactiveSegments.Contains(segment));
    }

    // µs a second are a thousandth of a mcore.
    private static ScorePart Part(double perSecond, double price) => new(perSecond, price, perSecond * price / 1000);

    private double Largest(int segment, LoadMetric one, LoadMetric other)
    {
        if (forecasts.Latest(one) is not { } first || forecasts.Latest(other) is not { } second || first.Mean.Count != second.Mean.Count || first.Models.Count <= segment)
        {
            return double.NaN;
        }

        return Enumerable.Range(0, first.Mean.Count).Max(k => (double)first.Mean[k][segment] + second.Mean[k][segment]);
    }
}
