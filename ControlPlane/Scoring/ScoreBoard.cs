using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Predicted load of every segment, shard and node at one moment. Scores are mcore: the quantile of the sum that is judged, per step; the figure shown is the maximum over the steps.</summary>
/// <param name="MadeAt">Model time.</param>
/// <param name="Map">The map that was scored.</param>
/// <param name="Members">All members.</param>
/// <param name="Field">The load per segment and step, from which sums can be made again.</param>
/// <param name="Reactive">Why the measured last minutes were used instead of a forecast, in words; null when the scores are predicted.</param>
/// <param name="ThresholdMillicores">Sharding threshold in force.</param>
/// <param name="ComfortZone">Comfort zone in force, ratio.</param>
/// <param name="Segments">One per segment, in the order of the segments.</param>
/// <param name="Shards">Ascending by id.</param>
/// <param name="Nodes">In the order of <paramref name="Members"/>.</param>
internal sealed record ScoreBoard(
    DateTimeOffset MadeAt, ShardMap Map, IReadOnlyList<MemberLoad> Members, LoadField Field, string? Reactive, double ThresholdMillicores, double ComfortZone,
    IReadOnlyList<SegmentScore> Segments, IReadOnlyList<ShardScore> Shards, IReadOnlyList<NodeScore> Nodes)
{
    /// <summary>Quantile that is judged, 0.5..0.99; scores of measured load (<see cref="Reactive"/>) have no spread.</summary>
    public double Quantile { get; init; } = 0.9;

    /// <summary>
    /// Who is over a limit now although the forecast sees it inside, in words; null where nobody is. The load measured is then taken to last for the next hour, wherever it is
    /// above the forecast, so that a spike that nobody foresaw is answered as without a forecast.
    /// </summary>
    public string? Unforeseen { get; init; }

    /// <summary>Segments whose own forecast was worse than repeating yesterday over the last day: what was measured is taken to go on for them. Ascending.</summary>
    public IReadOnlyList<SegmentId> ReactiveSegments { get; init; } = [];

    /// <summary>Shards whose measured load has left the forecast's 95 % interval: their segments' forecasts were moved to what was measured. Ascending.</summary>
    public IReadOnlyList<ShardId> SurprisedShards { get; init; } = [];
}

/// <summary>Score of one segment for the node that leads it.</summary>
/// <param name="Now">Measured, mcore; NaN unknown.</param>
/// <param name="Peak">Maximum over the steps, mcore.</param>
/// <param name="FollowerPeak">The same for each node that follows.</param>
/// <param name="Confidence">0..1: 1 − expected relative error at the peak, lowered where intervals did not hold or history is short.</param>
internal sealed record SegmentScore(SegmentId Segment, double Now, double Peak, DateTimeOffset PeakAt, double FollowerPeak, double Confidence);

/// <summary>Score of what a shard leads.</summary>
/// <param name="PerStep">mcore per step of the field.</param>
/// <param name="CrossesAt">Start of the first step above the sharding threshold; null where there is none.</param>
/// <param name="MinutesOver">Minutes of the horizon above the threshold.</param>
/// <param name="Headroom">Threshold − peak, mcore; negative when over.</param>
internal sealed record ShardScore(
    ShardId Shard, double Now, IReadOnlyList<double> PerStep, double Peak, DateTimeOffset PeakAt, DateTimeOffset? CrossesAt, double MinutesOver,
    double Headroom, double Confidence);

/// <summary>Score of what a node leads and follows, with what its process uses beside that.</summary>
/// <param name="BaseMillicores">Use of the process now that no segment accounts for; part of every step.</param>
/// <param name="PerStep">mcore per step of the field.</param>
/// <param name="PeakRatio">Peak ÷ CPU capacity; NaN where the capacity is not limited.</param>
/// <param name="CrossesAt">Start of the first step outside the comfort zone; null where there is none.</param>
/// <param name="HeadroomMillicores">Comfort zone − peak, mcore; NaN where not limited.</param>
/// <param name="MemoryHeadroomBytes">Comfort zone − present use; NaN where unknown or not limited. Disk and network likewise, bytes a second.</param>
internal sealed record NodeScore(
    NodeId Node, double BaseMillicores, double Now, IReadOnlyList<double> PerStep, double Peak, double PeakRatio, DateTimeOffset PeakAt, DateTimeOffset? CrossesAt,
    double MinutesOver, double HeadroomMillicores, double MemoryHeadroomBytes, double DiskHeadroom, double NetworkHeadroom, double Confidence);
