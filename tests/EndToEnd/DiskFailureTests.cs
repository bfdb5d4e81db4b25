using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>Disks that are full or fail: nothing unwritten is acknowledged, writers are told, and what can be served is.</summary>
public sealed class DiskFailureTests
{
    [Fact]
    public async Task A_single_node_on_a_full_disk_refuses_writes_serves_reads_and_recovers_without_a_restart()
    {
        using var disk = SmallDisk.TryMount(6);
        Assert.SkipWhen(disk is null, "A small disk can only be mounted by root (mount -t tmpfs).");
        await using var cluster = await TestCluster.StartAsync(1, more: ["--data", disk.Folder]);
        using var client = new ShardedClient([cluster.Nodes[0].ClientPort]);
        Assert.Equal("+OK", (await client.RepeatAsync("SET", "before", "1")).ToString());
        var value = new string('x', 200_000);
        RespReply? refusal = null;
        for (var i = 0; i < 200 && refusal is null; i++)
        {
            var sent = client.TryAsync("SET", $"fill:{i}", value);
            if (await Task.WhenAny(sent, UntilFullAsync(cluster)) == sent && await sent is (not Fate.Replied, var reply))
            {
                refusal = reply;
            }
            else if (!sent.IsCompleted)
            {
                // It is in the log and waits for room: it was never acknowledged. What comes now is refused at once.
                using var second = new ShardedClient([cluster.Nodes[0].ClientPort]);
                refusal = (await second.TryAsync("SET", "refused", "1")).Reply;
                Assert.Equal("$1", (await second.RepeatAsync("GET", "before")).ToString());
                disk.MakeRoom();
                Assert.Equal("+OK", (await sent).Reply!.ToString());
            }
        }

        Assert.StartsWith("-MISCONF", refusal!.ToString(), StringComparison.Ordinal);
        await Eventually.TrueAsync("writes are taken again", async () => await client.TryAsync("SET", "after", "2") is (Fate.Replied, { IsError: false }), () => cluster.Output);
        Assert.Equal("$1", (await client.RepeatAsync("GET", "before")).ToString());
    }

    [Fact]
    public async Task A_leader_on_a_full_disk_hands_over_and_nothing_acknowledged_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var writer = LoadWriter.Start(cluster, Enumerable.Range(0, 40).Select(i => $"full:{i}"));
        var victim = cluster.Nodes[1];
        await victim.TerminateAsync();
        victim.Start("write.before@400-424:full");
        await cluster.WaitUntilServingAsync();
        await Eventually.TrueAsync("the disk is full", async () => await cluster.Admin.MetricAsync(victim, "shardconsole_store_disk_full") == 1, () => cluster.Output);
        await writer.WaitForMoreAsync(50);
        await Eventually.TrueAsync("the disk has room again", async () => await cluster.Admin.MetricAsync(victim, "shardconsole_store_disk_full") == 0, () => cluster.Output);
        await cluster.WaitUntilSettledAsync();
        await writer.WaitForMoreAsync(100);
        await writer.StopAndVerifyAsync();
    }

    [Fact]
    public async Task An_error_of_the_disk_stops_the_store_keeps_the_evidence_and_the_others_go_on()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var writer = LoadWriter.Start(cluster, Enumerable.Range(0, 40).Select(i => $"eio:{i}"));
        var victim = cluster.Nodes[2];
        await victim.TerminateAsync();
        victim.Start("fsync.before@120-:error");
        await Eventually.TrueAsync("the node says that it has stopped", async () => !await cluster.Admin.IsHealthyAsync(victim), () => cluster.Output);
        Assert.True(victim.IsRunning);
        await writer.WaitForMoreAsync(300);
        await victim.KillAsync();
        Assert.Equal(0, (await Inspection.RunAsync("verify", victim.Folder)).ExitCode);
        victim.Start();
        await cluster.WaitUntilServingAsync();
        await writer.WaitForMoreAsync(100);
        await writer.StopAndVerifyAsync();
    }

    private static Task UntilFullAsync(TestCluster cluster) =>
        Eventually.TrueAsync("the disk is full", async () => await cluster.Admin.MetricAsync(cluster.Nodes[0], "shardconsole_store_disk_full") == 1);
}
