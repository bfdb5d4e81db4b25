using System.Globalization;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Finds what a text may mean: a key (always), a slot or segment by number, a shard, a node, a page.</summary>
internal static class ClusterSearch
{
    /// <summary>The hits, the likeliest first; empty for an empty text or before the cluster is known.</summary>
    public static IEnumerable<SearchHit> Find(string text, FleetState state)
    {
        var map = state.Map;
        if (text.Length == 0)
        {
            yield break;
        }

        foreach (var page in SiteMap.For(administrator: false).Where(p => p.Title.Split(' ').Any(w => w.StartsWith(text, StringComparison.OrdinalIgnoreCase))))
        {
            yield return new SearchHit("page", page.Title, "Page", page.Url);
        }

        foreach (var node in state.Nodes.Where(n => n.Member.Name.Equals(text, StringComparison.OrdinalIgnoreCase) || (text.Length >= 4 && n.Id.ToString().StartsWith(text, StringComparison.Ordinal))))
        {
            yield return new SearchHit("node", $"Node {node.Member.Name}", node.Health, Urls.Node(node.Member.Name));
        }

        if (map.SegmentCount == 0)
        {
            yield break;
        }

        if (ShardId.TryParse(text, out var shard) && map.Find(shard) is { } info)
        {
            yield return new SearchHit("shard", $"Shard {shard}", $"{map.Owners.Count(o => o == shard)} segments, {info.Replicas.Length} replicas", Urls.HeatmapOf(shard));
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

    private static SearchHit Segment(string kind, string title, SegmentId segment, ShardMap map, string before = "") =>
        new(kind, title, $"{before}segment {segment} of shard {map.OwnerOf(segment)}", Urls.Segment(segment));
}
