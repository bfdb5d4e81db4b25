using System.Globalization;
using System.Text;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using StackExchange.Redis;

namespace ShardConsole.EndToEnd;

/// <summary>Three nodes with three replicas, by an unmodified cluster client and through crashes.</summary>
public sealed class ThreeNodeTests
{
    [Fact]
    public async Task StackExchange_redis_reads_and_writes_over_all_slots_and_counts_every_key()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var options = new ConfigurationOptions { ConnectTimeout = 30_000, SyncTimeout = 30_000, AsyncTimeout = 30_000, AbortOnConnectFail = false, AllowAdmin = true };
        foreach (var node in cluster.Nodes)
        {
            options.EndPoints.Add("127.0.0.1", node.ClientPort);
        }

        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var keys = KeysOfAllSegments(1024);
        var database = redis.GetDatabase();
        await Task.WhenAll(keys.Select(k => database.StringSetAsync(k, "of " + k)));
        var values = await Task.WhenAll(keys.Select(k => database.StringGetAsync(k)));
        Assert.Equal(keys.Select(k => "of " + k), values.Select(v => v.ToString()));

        var counted = 0L;
        var seen = new HashSet<string>();
        foreach (var server in redis.GetServers().Where(s => !s.IsReplica))
        {
            counted += await server.DatabaseSizeAsync();
            await foreach (var key in server.KeysAsync(pageSize: 50))
            {
                seen.Add(key.ToString());
            }
        }

        Assert.Equal(keys.Count, counted);
        Assert.Equal(keys.Order(), seen.Order());

        foreach (var key in keys.Take(12))
        {
            Assert.Equal("of " + key, await RedisCli.RunAsync(cluster.Nodes[0].ClientPort, "GET", key));
        }
    }

    [Fact]
    public async Task Every_acknowledged_write_outlives_kill_9_of_one_node_and_then_of_all()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var keys = KeysOfAllSegments(1024).Where((_, i) => i % 16 == 0).ToList();
        var writer = LoadWriter.Start(cluster, keys, writers: 8);
        await writer.WaitForMoreAsync(300);
        await cluster.Nodes[1].KillAsync();
        await writer.WaitForMoreAsync(300);
        cluster.Nodes[1].Start();
        await cluster.WaitUntilServingAsync();
        await writer.WaitForMoreAsync(300);
        await Task.WhenAll(cluster.Nodes.Select(n => n.KillAsync()));
        foreach (var node in cluster.Nodes)
        {
            node.Start();
        }

        await cluster.WaitUntilServingAsync();
        await writer.WaitForMoreAsync(100);
        await writer.StopAndVerifyAsync();
    }

    [Fact]
    public async Task Writes_go_on_after_the_leader_is_killed_and_none_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var shard = map.Shards[0].Id;
        var keys = Enumerable.Range(0, map.SegmentCount).Select(i => new SegmentId((ushort)i)).Where(s => map.OwnerOf(s) == shard).Take(8)
            .SelectMany(s => Keys.In(s, map.SegmentCount, 2, "f"));
        var writer = LoadWriter.Start(cluster, keys);
        await writer.WaitForMoreAsync(200);
        var leader = await cluster.LeaderOfAsync(shard);
        await leader.KillAsync();
        await writer.WaitForMoreAsync(200);
        Assert.NotSame(leader, await cluster.LeaderOfAsync(shard));
        await writer.StopAndVerifyAsync();
    }

    [Fact]
    public async Task A_leader_that_wakes_after_another_took_over_does_not_serve_the_stale_value()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var shard = map.Shards[0].Id;
        var segment = Enumerable.Range(0, map.SegmentCount).Select(i => new SegmentId((ushort)i)).First(s => map.OwnerOf(s) == shard);
        var key = Keys.In(segment, map.SegmentCount, 1, "stale").Single();
        var leader = await cluster.LeaderOfAsync(shard);
        using var old = await RespConnection.OpenAsync(leader.ClientPort);
        Assert.Equal("+OK", (await old.ExecuteAsync("SET", key, "before")).ToString());
        Assert.Equal("$before", (await old.ExecuteAsync("GET", key)).ToString());

        cluster.Pause(leader);
        using var others = new ShardedClient([.. cluster.Nodes.Where(n => n != leader).Select(n => n.ClientPort)]);
        Assert.Equal("+OK", (await others.RepeatAsync("SET", key, "after")).ToString());

        // The read waits in the socket of the paused process: it is the first thing that it sees when it wakes.
        await old.SendAsync(RespConnection.Encode("GET", key));
        cluster.Resume(leader);
        var woken = await old.ReceiveAsync();
        Assert.True(woken.ToString() == "$after" || woken.IsError, woken.ToString());
        await Eventually.TrueAsync("the woken node answers again", async () =>
        {
            var reply = await old.ExecuteAsync("GET", key);
            Assert.NotEqual("$before", reply.ToString());
            return reply.ToString() == "$after" || reply.Text!.StartsWith("MOVED", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_node_that_is_asked_to_stop_hands_its_shards_over_and_ends_cleanly()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var node = cluster.Nodes[2];
        var led = await cluster.LedByAsync(node);
        Assert.NotEmpty(led);
        Assert.True(File.Exists(node.PidFile));
        await node.TerminateAsync();
        Assert.True(node.ExitCode == 0, $"Exit code {node.ExitCode}\n{node.Output}");
        Assert.False(File.Exists(node.PidFile));
        await cluster.WaitUntilServingAsync();
        node.Start();
        await cluster.WaitUntilServingAsync();
        await cluster.WaitUntilSettledAsync();
    }

    [Fact]
    public async Task Three_nodes_are_restarted_one_after_the_other_under_load_and_no_operation_fails()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var writer = LoadWriter.Start(cluster, KeysOfAllSegments(1024).Where((_, i) => i % 32 == 0));
        foreach (var node in cluster.Nodes)
        {
            await writer.WaitForMoreAsync(200);
            await node.TerminateAsync();
            await writer.WaitForMoreAsync(50);
            node.Start();
            await cluster.WaitUntilServingAsync();
            await cluster.WaitUntilSettledAsync();
        }

        await writer.WaitForMoreAsync(200);
        Assert.True(writer.Unknown.Count == 0, string.Join('\n', writer.Unknown));
        await writer.StopAndVerifyAsync();
    }

    private static List<string> KeysOfAllSegments(int segmentCount)
    {
        var missing = Enumerable.Range(0, segmentCount).ToHashSet();
        var keys = new List<string>();
        for (var i = 0; missing.Count > 0; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"key:{i}");
            if (missing.Remove(SegmentId.OfSlot(Slot.Of(Encoding.ASCII.GetBytes(key)), segmentCount).Value))
            {
                keys.Add(key);
            }
        }

        return keys;
    }
}
