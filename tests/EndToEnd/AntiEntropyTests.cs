using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.EndToEnd;

/// <summary>A copy that is changed behind its log's back is found, repaired from the majority's side and shown.</summary>
public sealed class AntiEntropyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_whose_table_is_corrupted_in_memory_is_found_and_repaired_under_load(bool leader)
    {
        await using var cluster = await TestCluster.StartAsync(3, null, 1);
        await cluster.WaitUntilSettledAsync();
        var map = await cluster.MapAsync();
        var shard = map.Shards[0];
        var leads = await cluster.LeaderOfAsync(shard.Id);
        var wrong = leader ? leads : cluster.Nodes.First(n => n != leads);

        // The failpoint takes the shard's first segment that holds keys: nobody writes there, so that no client mends it by itself.
        var (first, busy) = (new SegmentId((ushort)map.Owners.IndexOf(shard.Id)), new SegmentId((ushort)map.Owners.LastIndexOf(shard.Id)));
        using var client = new ShardedClient([.. cluster.Nodes.Select(n => n.ClientPort)]);
        foreach (var key in Keys.In(first, map.SegmentCount, 20, "still"))
        {
            await client.RepeatAsync("SET", key, key);
        }

        var writer = LoadWriter.Start(cluster, Keys.In(busy, map.SegmentCount, 40, "w"), writers: 4);
        await writer.WaitForMoreAsync(200);

        // The failpoint sits in the node from its start; the shard is led as before when it is back.
        await wrong.KillAsync();
        wrong.Start("table.corrupt@1:error");
        await cluster.WaitUntilServingAsync();
        await cluster.WaitUntilSettledAsync();
        await writer.WaitForMoreAsync(200);

        var report = await CheckAsync(cluster, shard.Id, r => r.Differences > 0);

        output.WriteLine($"{report}");
        Assert.Equal((CheckOutcome.Repaired, 1, 1), (report.Outcome, report.Differences, report.Repaired));
        Assert.Equal([(await cluster.Admin.StateAsync(wrong)).Node], report.Listed[0].Wrong);
        await Eventually.TrueAsync(
            "the repair is counted where it was made", async () => await cluster.Admin.MetricAsync(wrong, "shardconsole_repaired_buckets_total") == 1, () => cluster.Output);
        await cluster.WaitUntilSettledAsync();
        var again = await CheckAsync(cluster, shard.Id, r => r.Outcome != CheckOutcome.Incomplete);
        Assert.Equal((CheckOutcome.Equal, 0), (again.Outcome, again.Differences));
        Assert.InRange(again.ExchangedBytes, 1, 4096);
        await writer.StopAndVerifyAsync();
        foreach (var key in Keys.In(first, map.SegmentCount, 20, "still"))
        {
            Assert.Equal(key, (await client.RepeatAsync("GET", key)).Text);
        }
    }

    /// <summary>Asks until a comparison ends in a way that the condition takes; one that the leader hands over goes on at the next leader by itself.</summary>
    private static async Task<CheckReport> CheckAsync(TestCluster cluster, ShardId shard, Func<CheckReport, bool> condition)
    {
        var asked = false;
        var known = (await Task.WhenAll(cluster.Nodes.Select(cluster.Admin.IntegrityAsync))).SelectMany(n => n.Shards).Max(s => s.Last?.Index) ?? 0;
        CheckReport? last = null;
        return await Eventually.ValueAsync(
            $"a comparison of {shard} ends",
            async () =>
            {
                if (!asked)
                {
                    foreach (var node in cluster.Nodes)
                    {
                        asked |= (await cluster.Admin.CheckAsync(node, shard)).Shards.Contains(shard);
                    }
                }

                foreach (var node in cluster.Nodes)
                {
                    var now = (await cluster.Admin.IntegrityAsync(node)).Shards.FirstOrDefault(s => s.Shard == shard);
                    last = now?.Last ?? last;
                    if (now is { Step: "", Last: { } report } && report.Outcome is not (CheckOutcome.HandedOver or CheckOutcome.Incomplete) && report.Index > known && condition(report))
                    {
                        return report;
                    }

                    // A replica that was just started may be too late for a comparison: it is asked for again.
                    asked &= now is not { Step: "", Last.Outcome: CheckOutcome.Incomplete };
                }

                return null;
            },
            () => $"Last seen: {last}\n{cluster.Output}");
    }
}
