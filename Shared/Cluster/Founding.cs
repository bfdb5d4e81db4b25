using System.Collections.Immutable;

namespace ShardConsole.Shared.Cluster;

/// <summary>Makes the genesis of a new cluster from the nodes that have enrolled.</summary>
public static class Founding
{
    /// <summary>Version of everything on disk and on the wire that a genesis starts with.</summary>
    public const int FormatVersion = 1;

    /// <summary>
    /// Founds a cluster: <paramref name="shardsPerNode"/> shards for each node, which is their preferred leader; followers are the next
    /// nodes in the list, taken from other zones first; segments by the <see cref="PlacementRing"/>; 1, 3 or 5 voters of the meta group.
    /// </summary>
    /// <param name="clusterId">Identity of the cluster, drawn by the caller.</param>
    /// <param name="members">Nodes in the order of their names; at least one.</param>
    /// <param name="segmentCount">A power of two from 64 to 16384.</param>
    /// <param name="shardsPerNode">1..64.</param>
    /// <param name="replicationFactor">Replicas of each shard; null for 3, or the number of nodes where there are fewer.</param>
    /// <exception cref="ArgumentException">A value is outside its range; the message names it.</exception>
    public static Genesis Create(
        string clusterId, IReadOnlyList<Member> members, int segmentCount, int shardsPerNode, int? replicationFactor)
    {
        if (members.Count == 0)
        {
            throw new ArgumentException("A cluster is founded with at least one node.");
        }

        if (shardsPerNode is < 1 or > 64)
        {
            throw new ArgumentException($"Shards per node {shardsPerNode} is outside 1..64.");
        }

        var factor = replicationFactor ?? Math.Min(3, members.Count);
        if (factor < 1 || factor > members.Count)
        {
            throw new ArgumentException($"Replication factor {factor} is outside 1..{members.Count}, the number of nodes.");
        }

        var shards = ImmutableArray.CreateBuilder<ShardInfo>();
        for (var i = 0; i < members.Count * shardsPerNode; i++)
        {
            var leader = i % members.Count;
            shards.Add(new ShardInfo(new ShardId((ushort)(i + 1)), Replicas(members, leader, factor, i / members.Count), members[leader].Id));
        }

        var voters = members.Count >= 5 ? 5 : members.Count >= 3 ? 3 : 1;
        var map = new ShardMap
        {
            Epoch = 1,
            Owners = PlacementRing.Assign(segmentCount, shards.Select(s => s.Id)),
            Shards = shards.ToImmutable(),
        };
        return new Genesis(
            clusterId, FormatVersion, segmentCount, factor, [.. members], [.. members.Take(voters).Select(m => m.Id).Order()], map);
    }

    private static ImmutableArray<NodeId> Replicas(IReadOnlyList<Member> members, int leader, int factor, int turn)
    {
        // The turn rotates the followers, so that the shards led by one node do not all follow on the same two.
        var others = Enumerable.Range(1, members.Count - 1)
            .Select(step => members[(leader + 1 + ((step - 1 + turn) % (members.Count - 1))) % members.Count])
            .OrderBy(m => m.Zone.Length > 0 && m.Zone == members[leader].Zone ? 1 : 0);
        return [.. others.Take(factor - 1).Append(members[leader]).Select(m => m.Id).Order()];
    }
}
