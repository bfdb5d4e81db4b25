using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet.Members.Core;

/// <summary>One replica that goes from one member to another.</summary>
/// <param name="TakesLead">The new one leads the shard, as the old one did.</param>
/// <param name="Bytes">Of keys and values, as far as they were reported.</param>
internal sealed record ReplicaMove(ShardId Shard, NodeId From, NodeId To, bool TakesLead, long Bytes, string Reason);

/// <summary>Which replicas a member takes over so that it carries its share. Pure; the same cluster gives the same plan.</summary>
internal static class FillPlanner
{
    /// <summary>
    /// Takes leaders from those who lead most until the member leads its share, then followers from those who hold most until it holds its share. No group comes to stand in fewer
    /// zones than before, a group that is being changed is left alone, and nobody is brought below the share.
    /// </summary>
    /// <param name="state">The cluster; changes under way count as done.</param>
    /// <param name="node">The member that is filled.</param>
    /// <param name="bytesOf">Bytes of a shard; ties are broken in favour of the smaller one.</param>
    public static IReadOnlyList<ReplicaMove> Plan(FleetState state, NodeId node, Func<ShardId, long> bytesOf)
    {
        var takers = state.Nodes.Where(n => n.IsServing && !state.Draining.Contains(n.Id)).Select(n => n.Id).ToHashSet();
        if (!takers.Contains(node))
        {
            return [];
        }

        var changing = DrainBook.Open(state).ToDictionary(c => c.Group, DrainBook.Target);
        var groups = state.Map.Shards.Select(s => new Group(s.Id, [.. changing.GetValueOrDefault(GroupId.Of(s.Id)) ?? s.Replicas], s.PreferredLeader, changing.ContainsKey(GroupId.Of(s.Id)))).ToList();
        var zones = state.Nodes.ToDictionary(n => n.Id, n => n.Member.Zone);
        var (replicas, leads) = (groups.Sum(g => g.Replicas.Count) / takers.Count, groups.Count / takers.Count);
        var moves = new List<ReplicaMove>();
        while (Next(true, leads, g => g.Leader) is { } lead)
        {
            Take(lead.Group, lead.From, true, $"{Name(state, node)} leads fewer shards than its share of {leads}; {Name(state, lead.From)} leads most.");
        }

        while (Next(false, replicas, null) is { } follow)
        {
            Take(follow.Group, follow.From, false, $"{Name(state, node)} holds fewer replicas than its share of {replicas}; {Name(state, follow.From)} holds most.");
        }

        return moves;

        int Count(bool asLeader, NodeId of) => groups.Count(g => asLeader ? g.Leader == of : g.Replicas.Contains(of));

        (Group Group, NodeId From)? Next(bool asLeader, int share, Func<Group, NodeId>? only)
        {
            if (Count(asLeader, node) >= share)
            {
                return null;
            }

            var best = groups.Where(g => !g.IsChanging && !g.Replicas.Contains(node))
                .SelectMany(g => (only is null ? g.Replicas.Where(r => r != g.Leader) : [only(g)]).Select(from => (Group: g, From: from)))
                .Where(x => x.From != node && Count(asLeader, x.From) > share && KeepsZones(x.Group, x.From))
                .OrderByDescending(x => Count(asLeader, x.From)).ThenBy(x => bytesOf(x.Group.Shard)).ThenBy(x => x.Group.Shard).ThenBy(x => x.From).ToList();
            return best.Count == 0 ? null : best[0];
        }

        bool KeepsZones(Group group, NodeId from) => Zones(group.Replicas.Where(r => r != from).Append(node)) >= Zones(group.Replicas);

        int Zones(IEnumerable<NodeId> nodes) => nodes.Select(n => zones.GetValueOrDefault(n, "")).Distinct().Count();

        void Take(Group group, NodeId from, bool lead, string reason)
        {
            moves.Add(new ReplicaMove(group.Shard, from, node, lead, bytesOf(group.Shard), reason));
            groups[groups.IndexOf(group)] = group with { Replicas = [.. group.Replicas.Where(r => r != from).Append(node)], Leader = lead ? node : group.Leader };
        }
    }

    private static string Name(FleetState state, NodeId node) => state.Find(node)?.Member.Name ?? node.ToString();

    private sealed record Group(ShardId Shard, IReadOnlyList<NodeId> Replicas, NodeId Leader, bool IsChanging);
}
