using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Cluster;

public sealed class FoundingTests
{
    [Fact]
    public void Three_nodes_get_four_shards_each_with_three_replicas()
    {
        var genesis = Founding.Create("c", Members(3), 1024, 4, null);

        Assert.Equal(12, genesis.Map.Shards.Length);
        Assert.All(genesis.Map.Shards, s => Assert.Equal(3, s.Replicas.Length));
        Assert.All(genesis.Members, m => Assert.Equal(4, genesis.Map.Shards.Count(s => s.PreferredLeader == m.Id)));
        Assert.Equal(3, genesis.MetaVoters.Length);
        Assert.Equal(1UL, genesis.Map.Epoch);
    }

    [Fact]
    public void One_node_alone_owns_all_segments()
    {
        var genesis = Founding.Create("c", Members(1), 64, 1, null);

        Assert.Equal(1, genesis.ReplicationFactor);
        Assert.All(genesis.Map.Owners, owner => Assert.Equal(new ShardId(1), owner));
    }

    [Fact]
    public void Replicas_of_a_shard_stand_in_different_zones_where_there_are_enough()
    {
        var zones = new[] { "a", "a", "b", "b", "c", "c" };
        var members = Members(6).Select((m, i) => m with { Zone = zones[i] }).ToList();

        var genesis = Founding.Create("c", members, 1024, 4, 2);

        var zoneOf = members.ToDictionary(m => m.Id, m => m.Zone);
        Assert.All(genesis.Map.Shards, s => Assert.Equal(2, s.Replicas.Select(r => zoneOf[r]).Distinct().Count()));
    }

    [Fact]
    public void A_replication_factor_above_the_number_of_nodes_is_refused() =>
        Assert.Contains("1..2", Assert.Throws<ArgumentException>(() => Founding.Create("c", Members(2), 1024, 4, 3)).Message);

    private static List<Member> Members(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new Member(
            new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4)))];
}
