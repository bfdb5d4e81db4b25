using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>Consecutive slots, both ends included, that one node leads.</summary>
internal readonly record struct SlotRange(int Start, int End);

/// <summary>A node as Redis Cluster clients are told of it.</summary>
/// <param name="Member">The node.</param>
/// <param name="Master">Itself where it is announced as a master; else the node whose copies it is announced to hold.</param>
/// <param name="IsAlive">Whether gossip holds it for reachable.</param>
/// <param name="Ranges">What it leads, ascending; empty for a replica.</param>
internal sealed record AnnouncedNode(Member Member, NodeId Master, bool IsAlive, ImmutableArray<SlotRange> Ranges)
{
    public bool IsMaster => Master == Member.Id;
}

/// <summary>
/// The cluster in Redis's terms, made once per answer from one map, so that CLUSTER SLOTS, SHARDS and NODES agree. A node that leads anything is a master and nothing
/// else, because clients keep one role per address; a node that leads nothing is a replica of the one master with which it shares most shards.
/// </summary>
internal sealed class ClusterTopology
{
    private ClusterTopology(ulong epoch, ImmutableArray<AnnouncedNode> nodes, ImmutableArray<(SlotRange Range, NodeId Leader)> ranges)
    {
        Epoch = epoch;
        Nodes = nodes;
        Ranges = ranges;
    }

    /// <summary>Epoch of the map; 0 before the cluster is founded.</summary>
    public ulong Epoch { get; }

    /// <summary>All members, by name.</summary>
    public ImmutableArray<AnnouncedNode> Nodes { get; }

    /// <summary>Ranges of slots with a known leader, ascending; neighbours have different leaders or a gap between them.</summary>
    public ImmutableArray<(SlotRange Range, NodeId Leader)> Ranges { get; }

    /// <summary>Slots whose leader is known.</summary>
    public int AssignedSlots => Ranges.Sum(r => r.Range.End - r.Range.Start + 1);

    /// <summary>The nodes announced for a master: itself, then its replicas by name.</summary>
    public IEnumerable<AnnouncedNode> Group(NodeId master) =>
        Nodes.Where(n => n.Master == master).OrderBy(n => n.IsMaster ? 0 : 1);

    public static ClusterTopology Of(INodeView view)
    {
        var map = view.Map;
        var members = view.Members;
        var leaders = map.Shards.ToDictionary(s => s.Id, s => view.LeaderOf(s.Id) is var leader && members.ContainsKey(leader) ? leader : default);
        var ranges = Merge(map, leaders);
        var nodes = members.Values.OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Id).Select(member => new AnnouncedNode(
            member, MasterOf(member.Id, map, leaders), member.Id == view.Self || view.IsAlive(member.Id),
            [.. ranges.Where(r => r.Leader == member.Id).Select(r => r.Range)]));
        return new ClusterTopology(map.Epoch, [.. nodes], ranges);
    }

    private static ImmutableArray<(SlotRange Range, NodeId Leader)> Merge(ShardMap map, Dictionary<ShardId, NodeId> leaders)
    {
        var ranges = ImmutableArray.CreateBuilder<(SlotRange Range, NodeId Leader)>();
        for (var segment = 0; segment < map.SegmentCount; segment++)
        {
            var leader = leaders.GetValueOrDefault(map.Owners[segment]);
            if (leader.IsNone)
            {
                continue;
            }

            var start = segment * map.SlotsPerSegment;
            var end = start + map.SlotsPerSegment - 1;
            if (ranges.Count > 0 && ranges[^1].Leader == leader && ranges[^1].Range.End == start - 1)
            {
                ranges[^1] = (ranges[^1].Range with { End = end }, leader);
            }
            else
            {
                ranges.Add((new SlotRange(start, end), leader));
            }
        }

        return ranges.ToImmutable();
    }

    private static NodeId MasterOf(NodeId node, ShardMap map, Dictionary<ShardId, NodeId> leaders)
    {
        if (leaders.ContainsValue(node))
        {
            return node;
        }

        var shared = map.Shards.Where(s => s.Replicas.Contains(node)).Select(s => leaders[s.Id]).Where(l => !l.IsNone)
            .GroupBy(l => l).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).FirstOrDefault();
        return shared?.Key ?? node;
    }
}
