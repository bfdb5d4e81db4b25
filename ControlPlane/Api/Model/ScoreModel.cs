using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What one kind of operation contributes to a segment's load.</summary>
/// <param name="PerSecond">Operations (KiB for bytes) a second, now.</param>
/// <param name="PriceMicros">CPU µs of one.</param>
/// <param name="Millicores">Both multiplied.</param>
internal sealed record ScorePart(double PerSecond, double PriceMicros, double Millicores);

/// <summary>What a segment's load score is made of.</summary>
/// <param name="MeasuredMillicores">CPU now, mcore; NaN unknown.</param>
/// <param name="CostFactor">How many times as dear as on the node its operations are.</param>
/// <param name="UnexplainedMillicores">Measured less what the parts explain.</param>
/// <param name="PeakMillicores">The score: 90th percentile at the peak of the horizon; NaN without one.</param>
/// <param name="PeakMeanMillicores">Mean forecast at that step.</param>
/// <param name="PeakOperations">Largest forecast operations a second within the horizon (mean); NaN without a forecast.</param>
/// <param name="PeakBytes">Largest forecast bytes a second, in and out.</param>
/// <param name="Surprised">Its shard's load has left the forecast's 95 % interval, and the score follows what is measured.</param>
/// <param name="Reactive">Its own forecast is worse than repeating yesterday, and the score takes what is measured.</param>
internal sealed record ScoreBreakdown(
    SegmentId Segment, ScorePart Reads, ScorePart Writes, ScorePart Kib, double MeasuredMillicores, double CostFactor, double UnexplainedMillicores,
    double PeakMillicores, double PeakMeanMillicores, DateTimeOffset? PeakAt, double Confidence, double PeakOperations, double PeakBytes, bool Surprised, bool Reactive);

/// <summary>Explains load scores.</summary>
internal interface IScoreQueries
{
    /// <summary>What a segment's score is made of; null before the cluster was measured, or where there is no such segment.</summary>
    ScoreBreakdown? Breakdown(SegmentId segment);
}
