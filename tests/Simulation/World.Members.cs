using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;

namespace ShardConsole.Simulation;

/// <summary>Nodes that join with a shard of their own, and are emptied with it again.</summary>
internal sealed partial class World
{
    private int joined;

    /// <summary>A node comes, one that came is to go, or is to stay after all; and where one goes a segment of its shards moves to another, as a plan would have it.</summary>
    private void ComeOrGo()
    {
        var state = Reference.Meta.State;
        if (state.Level < 3)
        {
            return;
        }

        var came = state.Members.Where(m => m.Id.Value > (ulong)Options.Nodes).Select(m => m.Id).ToList();
        if (joined < Options.MaxJoins && Random.Next(2) == 0)
        {
            joined++;
            var member = NewMember(Nodes.Count + 1);
            Nodes.Add(new SimNode(this, member.Id.Value));
            Join(member, shards: 1);
        }
        else if (came.Count > 0 && came[Random.Next(came.Count)] is var node)
        {
            var drains = !state.Draining.Contains(node) || Random.Next(3) > 0;
            ProposeToMeta(new DrainMember(UnixMs, node, drains, "sim", "")
            {
                Retires = drains ? [.. state.Map.Shards.Where(s => s.PreferredLeader == node).Select(s => s.Id)] : [],
            });
        }

        var staying = state.Map.Shards.Where(s => !state.Retiring.Contains(s.Id)).ToList();
        foreach (var (_, segment) in Keys.DistinctBy(k => k.Segment).Where(k => state.Retiring.Contains(state.Map.OwnerOf(k.Segment)) && staying.Count > 0))
        {
            ProposeToMeta(new BeginMigration(UnixMs, $"empties{Now}", segment.Value, segment, state.Map.OwnerOf(segment), staying[Random.Next(staying.Count)].Id, "sim", "its shard goes"));
        }
    }
}
