using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>A move that a policy asks for.</summary>
internal readonly record struct WantedMove(SegmentId Segment, ShardId From, ShardId To);

/// <summary>A move that was made.</summary>
/// <param name="AskedAt">When the policy asked for it.</param>
/// <param name="StartedAt">When it left the queue.</param>
/// <param name="EndedAt">When the new shard owned the segment; null: it was not done when the run ended.</param>
/// <param name="Reversed">It took the segment back to the shard that its last move had taken it from.</param>
internal sealed record PaperMove(
    SegmentId Segment, ShardId From, ShardId To, long Bytes, DateTimeOffset AskedAt, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, bool Reversed);
