using System.Buffers.Binary;
using System.Text;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>Bits that flip and files that are cut on a node's disk.</summary>
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

    [Fact]
    public async Task A_store_that_was_cut_or_lost_its_last_commit_is_not_opened_and_what_it_held_comes_from_the_others_to_a_node_in_its_place()
    {
        await using var cluster = await TestCluster.StartAsync(3, null, 2, "--replace-dead-seconds", "3");
        await cluster.WaitUntilSettledAsync();
        var writer = LoadWriter.Start(cluster, Enumerable.Range(0, 40).Select(i => $"cut:{i}"));
        await writer.WaitForMoreAsync(300);
        var victim = cluster.Nodes[2];
        await victim.KillAsync();

        var (wal, database) = (Path.Combine(victim.Folder, "node.db-wal"), Path.Combine(victim.Folder, "node.db"));
        await RefusesAsync(victim, database, bytes => [], "is empty");
        await RefusesAsync(victim, wal, bytes => [], "-wal is gone");
        var last = LastFrame(Path.Combine(victim.Folder, "node.mark"));
        await RefusesAsync(victim, wal, bytes => Flip(bytes, last + 1000), "fails its checksum", "was cut or is damaged");
        await RefusesAsync(victim, wal, bytes => bytes[..last], "was cut or is damaged");

        var successor = cluster.Join("n4");
        await Eventually.TrueAsync(
            "all replicas of the node that is gone are held by the one in its place",
            async () => await cluster.Admin.IsHealthyAsync(successor) && await cluster.Admin.StateAsync(successor) is var own && await cluster.MapAsync() is var map
                && map.Shards.All(s => s.Replicas.Length == 3 && s.Replicas.Contains(own.Node)) && await cluster.Admin.MetricAsync(successor, "shardconsole_shards") == map.Shards.Length,
            () => cluster.Output);
        await writer.WaitForMoreAsync(200);
        await cluster.Nodes[1].KillAsync();
        await writer.WaitForMoreAsync(200);
        await writer.StopAndVerifyAsync();
    }

    [Fact]
    public async Task A_damaged_shard_without_other_replicas_stays_closed_keeps_its_evidence_and_opens_again_from_a_copy_of_the_folder()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        using (var client = await RespConnection.OpenAsync(node.ClientPort))
        {
            for (var i = 0; i < 40; i++)
            {
                Assert.Equal("+OK", (await client.ExecuteAsync("SET", $"alone:{i}", "v")).ToString());
            }
        }

        await node.TerminateAsync();
        var (database, copy) = (Path.Combine(node.Folder, "node.db"), Path.Combine(node.Folder, "copy"));
        File.Copy(database, copy);
        FlipIn(database, "alone:7");

        node.Start();
        var health = "";
        await Eventually.TrueAsync(
            "the node says what is damaged and what to do",
            async () => (health = await cluster.Admin.HealthAsync(node)).Contains("It is not open here", StringComparison.Ordinal), () => $"{health}\n{cluster.Output}");
        Assert.Contains("put a copy of the folder", health, StringComparison.Ordinal);
        using (var client = await RespConnection.OpenAsync(node.ClientPort))
        {
            Assert.StartsWith("-CLUSTERDOWN", (await client.ExecuteAsync("GET", "alone:7")).ToString(), StringComparison.Ordinal);
            Assert.StartsWith("-CLUSTERDOWN", (await client.ExecuteAsync("SET", "alone:7", "w")).ToString(), StringComparison.Ordinal);
            var others = new List<string>();
            for (var i = 0; i < 40; i++)
            {
                others.Add((await client.ExecuteAsync("GET", $"alone:{i}")).ToString());
            }

            // The other shard of the node goes on.
            Assert.Contains(others, o => !o.StartsWith('-'));
        }

        await node.TerminateAsync();
        Assert.Equal(1, (await Inspection.RunAsync("verify", node.Folder)).ExitCode);
        File.Move(copy, database, overwrite: true);
        node.Start();
        await cluster.WaitUntilServingAsync();
        using var again = await RespConnection.OpenAsync(node.ClientPort);
        Assert.Equal("v", await RedisCli.RunAsync(node.ClientPort, "GET", "alone:7"));
    }

    /// <summary>Damages a file, sees that the node does not start with it and says why, leaves it as it is, and takes the damage back.</summary>
    private static async Task RefusesAsync(NodeProcess node, string file, Func<byte[], byte[]> damage, params string[] because)
    {
        var sound = File.ReadAllBytes(file);
        var damaged = damage(sound);
        File.WriteAllBytes(file, damaged);
        node.Start();
        await node.WaitForExitAsync();
        Assert.NotEqual(0, node.ExitCode);
        Assert.Contains(because, b => node.Output.Contains(b, StringComparison.Ordinal));
        Assert.Equal(damaged, File.ReadAllBytes(file));
        Assert.Equal(1, (await Inspection.RunAsync("verify", node.Folder)).ExitCode);
        File.WriteAllBytes(file, sound);
    }

    private static byte[] Flip(byte[] log, int at)
    {
        var flipped = (byte[])log.Clone();
        flipped[at] ^= 1;
        return flipped;
    }

    /// <summary>Where the frame begins in SQLite's log that ends the last commit of which the node knew: behind it may stand one that it was killed in the middle of.</summary>
    private static int LastFrame(string mark)
    {
        const int Header = 32, Frame = 24 + 4096;
        var frames = (int)BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(mark).AsSpan(12));
        Assert.True(frames > 1, "The node has noted no commit.");
        return Header + ((frames - 1) * Frame);
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
