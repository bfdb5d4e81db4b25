using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>Chooses the node that takes a replica in the place of another's.</summary>
internal static class ReplicaPlacement
{
    /// <summary>
    /// Of the members that may take a replica: one whose zone no other replica of the group has, where there are zones; of those the one that will hold the fewest replicas
    /// when all that is under way has ended; of those the lowest id. The absent node: nobody can.
    /// </summary>
    /// <param name="state">Of the meta group.</param>
    /// <param name="group">The group.</param>
    /// <param name="leaving">Whose place is taken.</param>
    /// <param name="isAlive">Whether gossip holds a node for reachable.</param>
    public static NodeId Choose(MetaState state, GroupId group, NodeId leaving, Func<NodeId, bool> isAlive)
    {
        var held = state.ReplicasOf(group);
        var zones = state.Members.Where(m => m.Id != leaving && held.Contains(m.Id) && m.Zone.Length > 0).Select(m => m.Zone).ToHashSet();
        var counts = Counts(state);
        return state.Members
            .Where(m => m.Id != leaving && !held.Contains(m.Id) && !state.Draining.Contains(m.Id) && isAlive(m.Id))
            .OrderBy(m => zones.Contains(m.Zone) ? 1 : 0).ThenBy(m => counts.GetValueOrDefault(m.Id)).ThenBy(m => m.Id)
            .FirstOrDefault()?.Id ?? default;
    }

    /// <summary>
    /// The replicas of a group together with as many others as it takes to come to <paramref name="factor"/>, ascending; fewer where there are not so many members that may take one.
    /// Zones that have none yet come first, then who holds the fewest, then the lowest id.
    /// </summary>
    /// <param name="chosen">Replicas that were chosen in the same look, by node; what is chosen here is added.</param>
    public static ImmutableArray<NodeId> Widen(MetaState state, GroupId group, int factor, Func<NodeId, bool> isAlive, Dictionary<NodeId, int> chosen)
    {
        var wanted = state.ReplicasOf(group);
        var counts = Counts(state);
        while (wanted.Length < factor)
        {
            var zones = state.Members.Where(m => wanted.Contains(m.Id) && m.Zone.Length > 0).Select(m => m.Zone).ToHashSet();
            var next = state.Members
                .Where(m => !wanted.Contains(m.Id) && !state.Draining.Contains(m.Id) && isAlive(m.Id))
                .OrderBy(m => zones.Contains(m.Zone) ? 1 : 0).ThenBy(m => counts.GetValueOrDefault(m.Id) + chosen.GetValueOrDefault(m.Id)).ThenBy(m => m.Id).FirstOrDefault();
            if (next is null)
            {
                break;
            }

            chosen[next.Id] = chosen.GetValueOrDefault(next.Id) + 1;
            wanted = wanted.Add(next.Id).Sort();
        }

        return wanted;
    }

    /// <summary>Replaces one node in an ascending list; the absent node as <paramref name="from"/> only adds, as <paramref name="to"/> only removes.</summary>
    public static ImmutableArray<NodeId> Replace(ImmutableArray<NodeId> replicas, NodeId from, NodeId to)
    {
        var rest = replicas.Remove(from);
        return to.IsNone || rest.Contains(to) ? rest : rest.Add(to).Sort();
    }

    /// <summary>Who leads best when a replica has taken another's place: the newcomer, where the other did (the absent node, where there is none: anybody); else who does now.</summary>
    public static NodeId Leader(MetaState state, GroupId group, NodeId from, NodeId to) =>
        state.Map.Find(group.Shard)?.PreferredLeader is { } leader ? leader == from ? to : leader : default;

    private static Dictionary<NodeId, int> Counts(MetaState state)
    {
        var counts = new Dictionary<NodeId, int>();
        foreach (var shard in state.Map.Shards)
        {
            foreach (var node in state.ChangeOf(GroupId.Of(shard.Id))?.Target ?? shard.Replicas)
            {
                counts[node] = counts.GetValueOrDefault(node) + 1;
            }
        }

        return counts;
    }
}
