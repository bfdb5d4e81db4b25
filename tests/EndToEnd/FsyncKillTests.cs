using System.Globalization;
using System.Security.Cryptography;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>
/// A node dies at its n-th fsync, before or after it, or loses power there: it always restarts alone and nothing acknowledged is missing. A printed, seeded
/// sample; SHARDCONSOLE_TEST_SEED repeats one, SHARDCONSOLE_SOAK_FSYNCS=N goes through n = 1..N instead.
/// </summary>
public sealed class FsyncKillTests(ITestOutputHelper output)
{
    private const int LastFsync = 200;
    private const int Sampled = 5;
    private static readonly string[] Deaths = ["fsync.before@{0}:kill", "fsync.after@{0}:kill", "fsync.before@{0}:lose", "write.after@{0}:lose"];

    [Fact]
    public Task One_node_that_dies_at_any_fsync_restarts_alone_and_has_lost_nothing() => KillAtFsyncsAsync(1);

    [Fact]
    public Task Of_three_nodes_one_that_dies_at_any_fsync_restarts_alone_and_nothing_is_lost() => KillAtFsyncsAsync(3);

    private async Task KillAtFsyncsAsync(int nodes)
    {
        var random = new Random(Seed());
        var all = int.TryParse(Environment.GetEnvironmentVariable("SHARDCONSOLE_SOAK_FSYNCS"), CultureInfo.InvariantCulture, out var most);
        var places = all ? [.. Enumerable.Range(1, most)] : Enumerable.Range(0, Sampled).Select(i => i == 0 ? random.Next(1, 8) : random.Next(1, LastFsync + 1)).ToList();
        await using var cluster = await TestCluster.StartAsync(nodes);
        var writer = LoadWriter.Start(cluster, Enumerable.Range(0, 40).Select(i => $"fsync:{i}"));
        foreach (var place in places)
        {
            var victim = cluster.Nodes[random.Next(nodes)];
            var failpoint = string.Format(CultureInfo.InvariantCulture, Deaths[random.Next(Deaths.Length)], place);
            await writer.WaitForMoreAsync(20);
            await victim.KillAsync();
            victim.Start(failpoint);
            await victim.WaitForExitAsync();
            output.WriteLine($"{victim.Name} died at {failpoint}, exit code {victim.ExitCode}; {writer.Acknowledged} writes acknowledged");
            Assert.True(victim.ExitCode == 128 + 9, cluster.Output);
            victim.Start();
            await cluster.WaitUntilServingAsync();
            Assert.False(writer.HasFailed, cluster.Output);
        }

        await writer.WaitForMoreAsync(20);
        await writer.StopAndVerifyAsync();
        await VerifyFoldersAsync(cluster);
        output.WriteLine($"RESULT kills={places.Count} acknowledged={writer.Acknowledged} lost=0");
    }

    /// <summary>What verify says of the folders agrees: sound, and (on one node) every key is in the dump.</summary>
    private static async Task VerifyFoldersAsync(TestCluster cluster)
    {
        await Task.WhenAll(cluster.Nodes.Select(n => n.KillAsync()));
        foreach (var node in cluster.Nodes)
        {
            var (code, report) = await Inspection.RunAsync("verify", node.Folder);
            Assert.True(code == 0, report);
            var dump = await Inspection.RunAsync("dump", node.Folder);
            Assert.True(dump.ExitCode == 0, dump.Output);
            Assert.Contains("\"fsync:0\"", dump.Output, StringComparison.Ordinal);
        }
    }

    private int Seed()
    {
        var text = Environment.GetEnvironmentVariable("SHARDCONSOLE_TEST_SEED");
        var seed = text is null ? RandomNumberGenerator.GetInt32(int.MaxValue) : int.Parse(text, CultureInfo.InvariantCulture);
        output.WriteLine($"SHARDCONSOLE_TEST_SEED={seed.ToString(CultureInfo.InvariantCulture)}");
        return seed;
    }
}
