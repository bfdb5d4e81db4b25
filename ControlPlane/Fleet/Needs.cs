using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>What of the cluster itself waits for a person.</summary>
internal static class Needs
{
    /// <summary>A key with this share of a segment's samples makes the segment un-movable heat.</summary>
    private const double HotShare = 0.5;

    /// <summary>Nodes that are away, replicas that differ and orphans, shards that will pass the threshold while no plan waits, and segments heated by one key.</summary>
    public static IEnumerable<NeedsYou> Of(FleetState state, LiveLoad? live, ScoreBoard? board, bool planWaits)
    {
        var c = CultureInfo.InvariantCulture;
        foreach (var node in state.Nodes.Where(n => n.Health is "dead" or "unknown"))
        {
            yield return new NeedsYou("node", $"Node {node.Member.Name} is away", "It neither answers nor reports.", Urls.Node(node.Member.Name), "Look at it", null);
        }

        foreach (var shard in state.Integrity.Shards.Where(s => s.Last?.Outcome == CheckOutcome.Unrepaired))
        {
            yield return new NeedsYou(
                "integrity", $"The replicas of {shard.Shard} differ", string.Create(c, $"{shard.Last!.Differences} buckets differed, {shard.Last.Repaired} were repaired. {shard.Last.Detail}"),
                $"{Urls.Integrity}?state=differs&shard={shard.Shard}", "Look at it", null);
        }

        if (state.Integrity.Orphans.Count > 0)
        {
            yield return new NeedsYou(
                "integrity", state.Integrity.Orphans.Count == 1 ? "One orphan segment is held" : $"{state.Integrity.Orphans.Count} orphan segments are held", "Another shard owns them and no migration explains the copies.", Urls.Integrity, "Look at them", null);
        }

        if (board is null)
        {
            yield break;
        }

        foreach (var shard in board.Shards.Where(s => s.CrossesAt is not null && !planWaits).OrderBy(s => s.CrossesAt).Take(3))
        {
            yield return new NeedsYou(
                "threshold", $"Shard {shard.Shard} passes the sharding threshold",
                string.Create(c, $"{shard.Peak:0} of {board.ThresholdMillicores:0} mcore, from {shard.CrossesAt:HH:mm} on"), Urls.HeatmapOf(shard.Shard), "See the heatmap", shard.CrossesAt);
        }

        foreach (var segment in board.Segments.Where(s => s.Now > board.ThresholdMillicores / 2).OrderByDescending(s => s.Now).Take(3))
        {
            if (live?.HotKeys(segment.Segment, 1) is [{ Share: > HotShare } key])
            {
                yield return new NeedsYou(
                    "hot-key", $"One key makes segment {segment.Segment} hot", string.Create(c, $"{key.Key}: {key.Share:0 %} of its requests. Moving the segment moves the heat with it."),
                    Urls.Segment(segment.Segment), "See the keys", null);
            }
        }
    }
}
