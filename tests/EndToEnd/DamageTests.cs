using System.Text;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>A bit that flips on a node's disk.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task A_damaged_replica_is_not_opened_and_comes_again_from_its_peers_to_the_same_node_under_load()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var writer = LoadWriter.Start(cluster, Enumerable.Range(0, 40).Select(i => $"damage:{i}"));
        await writer.WaitForMoreAsync(300);
        var victim = cluster.Nodes[2];
        var shards = await cluster.Admin.MetricAsync(victim, "shardconsole_shards");
        await victim.TerminateAsync();

        FlipIn(Path.Combine(victim.Folder, "node.db"), "damage:7");
        Assert.Equal(1, (await Inspection.RunAsync("verify", victim.Folder)).ExitCode);
        victim.Start();
        await Eventually.TrueAsync(
            "the node says which replica is damaged", async () => (await cluster.Admin.HealthAsync(victim)).Contains("It is not open here", StringComparison.Ordinal), () => cluster.Output);
        await Eventually.TrueAsync(
            "it has been made again from the others",
            async () => await cluster.Admin.IsHealthyAsync(victim) && await cluster.Admin.MetricAsync(victim, "shardconsole_shards") == shards
                && (await cluster.MapAsync()).Shards.All(s => s.Replicas.Length == 3),
            () => cluster.Output);
        await writer.WaitForMoreAsync(200);

        // What was damaged votes and holds everything again: without another node nothing goes on but by it.
        await cluster.Nodes[0].KillAsync();
        await writer.WaitForMoreAsync(200);
        await writer.StopAndVerifyAsync();
        await victim.TerminateAsync();
        Assert.Equal(0, (await Inspection.RunAsync("verify", victim.Folder)).ExitCode);
    }

    /// <summary>Flips a bit wherever the text stands: in entries of a log, and in pages that nothing uses any more.</summary>
    private static void FlipIn(string file, string text)
    {
        var bytes = File.ReadAllBytes(file);
        var wanted = Encoding.ASCII.GetBytes(text);
        var found = 0;
        for (var at = bytes.AsSpan().IndexOf(wanted); at >= 0; at = bytes.AsSpan().IndexOf(wanted))
        {
            bytes[at + wanted.Length - 1] ^= 1;
            found++;
        }

        Assert.True(found > 0, $"{text} does not stand in {file}.");
        File.WriteAllBytes(file, bytes);
    }
}
