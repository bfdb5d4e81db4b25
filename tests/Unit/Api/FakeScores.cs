using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Api;

/// <summary>The score of segment 4, and of no other.</summary>
internal sealed class FakeScores : IScoreQueries
{
    public ScoreBreakdown? Breakdown(SegmentId segment) => segment.Value == 4
        ? new ScoreBreakdown(
            segment, new ScorePart(100, 20, 2), new ScorePart(10, 60, 0.6), new ScorePart(5, 1, 0.005), 3, 1, 0.395, 4, 3.5, null, 0.8, 120, 9000, true, false)
        : null;
}
