using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>A segment in a list. Scores in mcore; NaN where nothing was measured or forecast.</summary>
/// <param name="ScorePeak">Predicted maximum over the steps; NaN while planning is reactive.</param>
/// <param name="Confidence">0..1.</param>
internal sealed record SegmentRow(
    SegmentId Id, int FirstSlot, int LastSlot, ShardId Shard, NodeId Leader, long Keys, long DataBytes, double ReadsPerSecond, double WritesPerSecond,
    double ScoreNow, double ScorePeak, DateTimeOffset? PeakAt, double Confidence);

/// <summary>All segments at one moment. Safe for concurrent use.</summary>
internal interface ISegmentList
{
    /// <summary>One row per segment, in the order of the segments; empty before the cluster is known.</summary>
    IReadOnlyList<SegmentRow> Segments();
}
