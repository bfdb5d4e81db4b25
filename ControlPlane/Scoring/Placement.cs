using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Which node pays for what: who leads a shard and who follows it, given who is alive.</summary>
internal static class Placement
{
    /// <summary>The preferred leader when it is alive, else the first replica that is, else the preferred leader: leadership returns to it.</summary>
    public static NodeId LeaderOf(ShardInfo shard, IReadOnlySet<NodeId> alive)
    {
        if (alive.Contains(shard.PreferredLeader))
        {
            return shard.PreferredLeader;
        }

        foreach (var replica in shard.Replicas)
        {
            if (alive.Contains(replica))
            {
                return replica;
            }
        }

        return shard.PreferredLeader;
    }

    /// <summary>The role of a node for a shard; null when it holds no replica of it.</summary>
    public static LoadRole? RoleOf(NodeId node, ShardInfo shard, IReadOnlySet<NodeId> alive)
    {
        if (LeaderOf(shard, alive) == node)
        {
            return LoadRole.Lead;
        }

        return shard.Replicas.Contains(node) ? LoadRole.Follow : null;
    }

    /// <summary>Ids of the members that are alive.</summary>
    public static IReadOnlySet<NodeId> Alive(IReadOnlyList<MemberLoad> members) =>
        members.Where(m => m.Alive).Select(m => m.Member.Id).ToHashSet();
}
