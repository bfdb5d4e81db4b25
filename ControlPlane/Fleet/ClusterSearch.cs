using System.Globalization;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Finds what a text may mean: a key (always), a slot or segment by number, a shard, a node, a page.</summary>
internal static class ClusterSearch
{
    private static readonly (string Name, string Link)[] Pages =
        [("Overview", "/"), ("Heatmap", "/heatmap"), ("Shards and nodes", "/fleet"), ("Plans", "/plans"), ("Migrations", "/migrations"), ("Query-log import", "/import")];

    /// <summary>The hits, the likeliest first; empty for an empty text or before the cluster is known.</summary>
    public static IEnumerable<SearchHit> Find(string text, FleetState state)
    {
        var map = state.Map;
        if (text.Length == 0)
        {
            yield break;
        }

        foreach (var (name, link) in Pages.Where(p => p.Name.StartsWith(text, StringComparison.OrdinalIgnoreCase)))
        {
            yield return new SearchHit("page", name, "Page", link);
        }

        foreach (var node in state.Nodes.Where(n => n.Member.Name.Equals(text, StringComparison.OrdinalIgnoreCase) || (text.Length >= 4 && n.Id.ToString().StartsWith(text, StringComparison.Ordinal))))
        {
            yield return new SearchHit("node", $"Node {node.Member.Name}", node.Health, NodeLink(node.Member.Name));
        }

        if (map.SegmentCount == 0)
        {
            yield break;
        }

        if (ShardId.TryParse(text, out var shard) && map.Find(shard) is { } info)
        {
            yield return new SearchHit("shard", $"Shard {shard}", $"{map.Owners.Count(o => o == shard)} segments, {info.Replicas.Length} replicas", ShardLink(shard));
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            if (number < map.SegmentCount)
            {
                yield return Segment("segment", $"Segment {number}", new SegmentId((ushort)number), map);
            }

            if (number < Slot.Count)
            {
                yield return Segment("slot", $"Slot {number}", map.SegmentOf(number), map);
            }
        }

        var slot = Slot.Of(Encoding.UTF8.GetBytes(text));
        yield return Segment("key", $"Key {text}", map.SegmentOf(slot), map, $"slot {slot.ToString(CultureInfo.InvariantCulture)}, ");
    }

    /// <summary>Where a node is shown.</summary>
    public static string NodeLink(string name) => $"/fleet?node={Uri.EscapeDataString(name)}";

    /// <summary>Where a shard is shown.</summary>
    public static string ShardLink(ShardId shard) => $"/heatmap?order=shard&shard={shard.Value.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Where a segment is shown.</summary>
    public static string SegmentLink(SegmentId segment) => $"/heatmap?segment={segment}";

    /// <summary>Where a plan is shown.</summary>
    public static string PlanLink(string hash) => $"/plans/{hash}";

    private static SearchHit Segment(string kind, string title, SegmentId segment, ShardMap map, string before = "") =>
        new(kind, title, $"{before}segment {segment} of shard {map.OwnerOf(segment)}", SegmentLink(segment));
}
