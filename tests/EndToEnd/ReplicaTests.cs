using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.EndToEnd;

/// <summary>Replicas that come and go while clients write.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Every_replica_of_a_node_is_replaced_under_load_without_a_failed_write_and_the_node_can_be_killed()
    {
        await using var cluster = await TestCluster.StartAsync(4, replicationFactor: 3);
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var keys = Enumerable.Range(0, map.SegmentCount).Where(i => i % 16 == 0).SelectMany(i => Keys.In(new SegmentId((ushort)i), map.SegmentCount, 1, "w")).ToList();
        var ids = await Task.WhenAll(cluster.Nodes.Select(async n => (await cluster.Admin.StateAsync(n)).Node));
        var (leaving, groups) = (ids[2], map.Shards.Where(s => s.Replicas.Contains(ids[2])).ToList());
        Assert.Contains(groups, s => s.PreferredLeader == leaving);
        Assert.Contains(groups, s => s.PreferredLeader != leaving);

        var writer = LoadWriter.Start(cluster, keys, writers: 8);
        await writer.WaitForMoreAsync(300);
        foreach (var shard in groups)
        {
            var answer = await cluster.Admin.ReplaceAsync(GroupId.Of(shard.Id), leaving, ids.Single(id => !shard.Replicas.Contains(id)));
            Assert.True(answer.Accepted, answer.Detail);
        }

        await Eventually.TrueAsync(
            "no shard names the node",
            async () => !(await cluster.MapAsync()).Shards.Any(s => s.Replicas.Contains(leaving) || s.Replicas.Length != 3),
            () => cluster.Output);
        await Eventually.TrueAsync(
            "the node has closed its copies",
            async () => await cluster.Admin.MetricAsync(cluster.Nodes[2], "shardconsole_shards") == 0,
            () => cluster.Output);
        await writer.WaitForMoreAsync(300);
        Assert.True(writer.Unknown.Count == 0, string.Join('\n', writer.Unknown));

        await cluster.Nodes[2].KillAsync();
        await writer.WaitForMoreAsync(300);
        await writer.StopAndVerifyAsync();
        Assert.Equal(
            groups.Select(s => GroupId.Of(s.Id)).Order(),
            (await cluster.Admin.ReplicasAsync(cluster.Nodes[0])).Where(c => c.Phase == ReplicaPhase.Done).Select(c => c.Group).Order());
    }

    [Fact]
    public async Task A_fourth_node_joins_by_one_seed_takes_over_all_of_a_drained_node_and_that_one_leaves()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var leaving = (await cluster.Admin.StateAsync(cluster.Nodes[2])).Node;

        var namesake = cluster.Join("n1", "elsewhere");
        await Eventually.TrueAsync(
            "a second node of one name is told why it is refused",
            async () => (await cluster.Admin.HealthAsync(namesake)).Contains("The name n1 belongs to node", StringComparison.Ordinal), () => cluster.Output);
        await namesake.KillAsync();

        var joined = cluster.Join("n4");
        await Eventually.TrueAsync(
            "the node is a member",
            async () => (await cluster.Admin.ClusterAsync(joined)).Members.Any(m => m.Name == "n4") && await cluster.Admin.IsHealthyAsync(joined),
            () => cluster.Output);
        var id = (await cluster.Admin.StateAsync(joined)).Node;

        var keys = Enumerable.Range(0, map.SegmentCount).Where(i => i % 16 == 0).SelectMany(i => Keys.In(new SegmentId((ushort)i), map.SegmentCount, 1, "w")).ToList();
        var writer = LoadWriter.Start(cluster, keys, writers: 8);
        await writer.WaitForMoreAsync(300);
        Assert.Equal("not-empty", (await cluster.Admin.ChangeMemberAsync(leaving, "leave")).Error);
        Assert.True((await cluster.Admin.ChangeMemberAsync(leaving, "drain")).Accepted);
        await Eventually.TrueAsync(
            "the newcomer has all that the drained node had",
            async () => await cluster.Admin.ClusterAsync(joined) is var state && state.MetaReplicas.Contains(id) && !state.MetaReplicas.Contains(leaving)
                && state.Map.Shards.All(s => s.Replicas.Contains(id) && !s.Replicas.Contains(leaving) && s.PreferredLeader != leaving),
            () => cluster.Output);
        await Eventually.TrueAsync(
            "the drained node has closed its copies",
            async () => await cluster.Admin.MetricAsync(cluster.Nodes[2], "shardconsole_shards") == 0, () => cluster.Output);
        Assert.True((await cluster.Admin.ChangeMemberAsync(leaving, "leave")).Accepted);
        await writer.WaitForMoreAsync(300);
        Assert.True(writer.Unknown.Count == 0, string.Join('\n', writer.Unknown));

        await Task.WhenAll(cluster.Nodes[2].KillAsync(), cluster.Nodes[0].KillAsync());
        await writer.WaitForMoreAsync(300);
        await writer.StopAndVerifyAsync();
        Assert.DoesNotContain((await cluster.Admin.ClusterAsync(joined)).Members, m => m.Id == leaving);
    }

    [Fact]
    public async Task The_replicas_of_a_dead_node_are_put_elsewhere_after_the_grace_time_and_it_gives_up_its_copies_when_it_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(4, 3, 2, "--replace-dead-seconds", "3");
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var dead = (await cluster.Admin.StateAsync(cluster.Nodes[2])).Node;
        var keys = Enumerable.Range(0, map.SegmentCount).Where(i => i % 16 == 0).SelectMany(i => Keys.In(new SegmentId((ushort)i), map.SegmentCount, 1, "w")).ToList();
        var writer = LoadWriter.Start(cluster, keys, writers: 8);
        await writer.WaitForMoreAsync(300);

        await cluster.Nodes[2].KillAsync();
        await Eventually.TrueAsync(
            "no group names the dead node",
            async () => await cluster.Admin.ClusterAsync(cluster.Nodes[0]) is var state && !state.MetaReplicas.Contains(dead)
                && state.Map.Shards.All(s => !s.Replicas.Contains(dead) && s.Replicas.Length == 3 && s.PreferredLeader != dead),
            () => cluster.Output);
        await writer.WaitForMoreAsync(300);

        cluster.Nodes[2].Start();
        await Eventually.TrueAsync(
            "it has closed its copies",
            async () => await cluster.Admin.IsHealthyAsync(cluster.Nodes[2]) && await cluster.Admin.MetricAsync(cluster.Nodes[2], "shardconsole_shards") == 0,
            () => cluster.Output);
        await writer.WaitForMoreAsync(300);
        await writer.StopAndVerifyAsync();
    }
}
