using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>Nodes that join with a shard of their own, and are emptied with it again.</summary>
internal sealed partial class World
{
    /// <summary>Between the upgrade of one founder and that of the next, virtual milliseconds; the last one is done while there is time to join.</summary>
    private const int UpgradeEveryMs = 600;

    private readonly HashSet<ulong> killedNewborns = [];
    private int joined;
    private int upgraded;
    private int waitedForLevel;

    /// <summary>One founder after the other ends and comes back as the newest version.</summary>
    private void UpgradeNext()
    {
        if (Now % UpgradeEveryMs == 0 && upgraded < Options.Nodes)
        {
            var node = Nodes[upgraded++];
            node.Upgrade();
            if (node.IsUp)
            {
                Kill(node, Random.Next(20, 200));
            }
        }
    }

    /// <summary>
    /// Each shard that is born with its node as only voter loses that voter for a while before it is widened: before the node has opened it, or after. Its widening, and all
    /// that waits for it, must go on.
    /// </summary>
    private void KillNewborns()
    {
        foreach (var birth in Reference.Meta.State.Births)
        {
            var node = Node(birth.Node.Value);
            if (!killedNewborns.Contains(birth.Id) && node.IsUp && (birth.Id % 2 == 0 || node.Replica(GroupId.Of(birth.Shard)).WasBorn))
            {
                killedNewborns.Add(birth.Id);
                Kill(node, Random.Next(50, 1500));
            }
        }
    }

    /// <summary>A node comes, one that came is to go, or is to stay after all; and where one goes a segment of its shards moves to another, as a plan would have it.</summary>
    private void ComeOrGo()
    {
        var state = Reference.Meta.State;
        if (state.Level < 3)
        {
            // Also asked for: the gate before the log is what refuses it, not this world.
            waitedForLevel++;
            ProposeToMeta(new MemberJoined(UnixMs, NewMember(Nodes.Count + 1)) { Shards = 1 });
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
