using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>
/// Repair of damaged replicas, in two changes: the group drops the damaged copy's replica, then it gets one again on the same node, with an empty log, from the others. What
/// has been done is in M's records, so a new leader goes on where the last one stood.
/// </summary>
internal static class ReplicaRepair
{
    /// <summary>Fewest replicas of a group that can lose one and still decide: with fewer the damaged one's voice is needed, and it has none.</summary>
    public const int FewestReplicas = 3;

    /// <summary>The change that removes a copy that its node reports as damaged; null: none is possible or wanted now.</summary>
    public static SetReplicas? Remove(MetaState state, NodeId node, ReplicaDamaged report, long unixMs)
    {
        var now = state.ReplicasOf(report.Group);
        if (!now.Contains(node) || now.Length < FewestReplicas || state.ChangeOf(report.Group) is not null || IsOld(state, node, report))
        {
            return null;
        }

        var name = state.Members.FirstOrDefault(m => m.Id == node)?.Name ?? $"{node}";
        return new SetReplicas(
            unixMs, report.Group, now, now.Remove(node), ReplicaPlacement.Leader(state, report.Group, node, default), "cluster", $"The copy at {name} is damaged: {report.Detail}") { Repairs = node };
    }

    /// <summary>The changes that give groups a replica again that a repair took.</summary>
    /// <param name="isAlive">Whether gossip holds a node for reachable.</param>
    /// <param name="isLongDead">Whether a node has been dead so long that another takes its place.</param>
    public static IEnumerable<SetReplicas> Return(MetaState state, Func<NodeId, bool> isAlive, Func<NodeId, bool> isLongDead, long unixMs)
    {
        foreach (var removed in state.EndedReplicaChanges.GroupBy(c => c.Group).Select(g => g.Last()).Where(c => !c.Repairs.IsNone && c.Phase == Shared.Contracts.ReplicaPhase.Done))
        {
            var (group, now) = (removed.Group, state.ReplicasOf(removed.Group));
            if (state.ChangeOf(group) is not null || now.Contains(removed.Repairs))
            {
                continue;
            }

            var mayReturn = state.Members.Any(m => m.Id == removed.Repairs) && !state.Draining.Contains(removed.Repairs);
            var to = mayReturn && isAlive(removed.Repairs) ? removed.Repairs
                : !mayReturn || isLongDead(removed.Repairs) ? ReplicaPlacement.Choose(state, group, removed.Repairs, isAlive) : default;
            if (!to.IsNone)
            {
                var leader = removed.PreferredBefore == removed.Repairs ? to : default;
                yield return new SetReplicas(unixMs, group, now, now.Add(to).Sort(), leader, "cluster", "The replica that was damaged is made again from the others");
            }
        }
    }

    /// <summary>The report is of a copy that has been replaced since.</summary>
    private static bool IsOld(MetaState state, NodeId node, ReplicaDamaged report) =>
        state.EndedReplicaChanges.Any(c => c.Group == report.Group && c.Id > report.OpenedBy && c.Wanted.Contains(node) && !c.Before.Contains(node) && c.Phase == Shared.Contracts.ReplicaPhase.Done);
}
