using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Resp;

namespace ShardConsole.Unit.Routing;

public sealed class ClusterTopologyTests
{
    [Fact]
    public void Ranges_cover_every_slot_once_and_neighbours_have_different_leaders()
    {
        var topology = ClusterTopology.Of(new FakeNodeView(nodes: 3, segmentCount: 1024, shardsPerNode: 4));

        Assert.Equal(Slot.Count, topology.AssignedSlots);
        Assert.Equal(0, topology.Ranges[0].Range.Start);
        Assert.Equal(Slot.Count - 1, topology.Ranges[^1].Range.End);
        Assert.All(topology.Ranges.Zip(topology.Ranges.Skip(1)), pair =>
        {
            Assert.Equal(pair.First.Range.End + 1, pair.Second.Range.Start);
            Assert.NotEqual(pair.First.Leader, pair.Second.Leader);
        });
    }

    [Fact]
    public void A_node_that_leads_anything_is_a_master_and_nothing_else()
    {
        var view = new FakeNodeView(nodes: 3, segmentCount: 64);

        Assert.All(ClusterTopology.Of(view).Nodes, n => Assert.True(n.IsMaster));
        Assert.All(view.Map.Shards, s => Assert.Single(ClusterTopology.Of(view).Group(view.Leaders[s.Id])));
    }

    [Fact]
    public void A_node_that_leads_nothing_is_a_replica_of_the_master_with_which_it_shares_most_shards()
    {
        var view = new FakeNodeView(nodes: 3, segmentCount: 64, shardsPerNode: 2);
        foreach (var shard in view.Map.Shards)
        {
            view.Leaders[shard.Id] = shard.PreferredLeader == new NodeId(3) ? new NodeId(2) : shard.PreferredLeader;
        }

        var topology = ClusterTopology.Of(view);

        Assert.Equal([new NodeId(1), new NodeId(2), new NodeId(2)], topology.Nodes.Select(n => n.Master));
        Assert.Equal([new NodeId(2), new NodeId(3)], topology.Group(new NodeId(2)).Select(n => n.Member.Id));
        Assert.Empty(topology.Nodes[2].Ranges);
    }

    [Fact]
    public void Slots_without_a_known_leader_are_announced_by_nobody()
    {
        var view = new FakeNodeView(nodes: 3, segmentCount: 64);
        view.Leaders[view.Map.Shards[0].Id] = default;

        var owned = view.Map.Owners.Count(o => o != view.Map.Shards[0].Id);
        Assert.Equal(owned * 256, ClusterTopology.Of(view).AssignedSlots);
    }

    [Fact]
    public async Task Slots_shards_and_nodes_say_the_same()
    {
        var view = new FakeNodeView(nodes: 3, segmentCount: 64);
        view.Leaders[view.Map.Shards[2].Id] = new NodeId(1);
        view.Dead.Add(new NodeId(3));
        view.Map = view.Map with { Owners = [.. Enumerable.Range(0, 64).Select(i => view.Map.Shards[i < 32 ? 0 : i < 48 ? 1 : 2].Id)] };
        await using var client = new TestClient(view);
        var (one, two, three) = (new NodeId(1).ToRedisId(), new NodeId(2).ToRedisId(), new NodeId(3).ToRedisId());
        string Node(string id, int n) => $"*4\r\n$8\r\n10.0.0.{n}\r\n:700{n}\r\n$40\r\n{id}\r\n*0\r\n";

        Assert.Equal(
            $"*3\r\n*4\r\n:0\r\n:8191\r\n{Node(one, 1)}{Node(three, 3)}*3\r\n:8192\r\n:12287\r\n{Node(two, 2)}*4\r\n:12288\r\n:16383\r\n{Node(one, 1)}{Node(three, 3)}",
            await client.CallAsync("CLUSTER SLOTS"));
        var nodes = $"{one} 10.0.0.1:7001@7101 myself,master - 0 0 1 connected 0-8191 12288-16383\n"
            + $"{two} 10.0.0.2:7002@7102 master - 0 1000000000000 1 connected 8192-12287\n"
            + $"{three} 10.0.0.3:7003@7103 slave,fail {one} 0 0 1 disconnected\n";
        Assert.Equal($"${nodes.Length}\r\n{nodes}\r\n", await client.CallAsync("CLUSTER NODES"));
        string ShardNode(string id, int n, string role, string health) =>
            $"*14\r\n$2\r\nid\r\n$40\r\n{id}\r\n$4\r\nport\r\n:700{n}\r\n$2\r\nip\r\n$8\r\n10.0.0.{n}\r\n$8\r\nendpoint\r\n$8\r\n10.0.0.{n}\r\n"
            + $"$4\r\nrole\r\n${role.Length}\r\n{role}\r\n$18\r\nreplication-offset\r\n:0\r\n$6\r\nhealth\r\n${health.Length}\r\n{health}\r\n";
        Assert.Equal(
            $"*2\r\n*4\r\n$5\r\nslots\r\n*4\r\n:0\r\n:8191\r\n:12288\r\n:16383\r\n$5\r\nnodes\r\n*2\r\n{ShardNode(one, 1, "master", "online")}{ShardNode(three, 3, "replica", "failed")}"
            + $"*4\r\n$5\r\nslots\r\n*2\r\n:8192\r\n:12287\r\n$5\r\nnodes\r\n*1\r\n{ShardNode(two, 2, "master", "online")}",
            await client.CallAsync("CLUSTER SHARDS"));
    }
}
