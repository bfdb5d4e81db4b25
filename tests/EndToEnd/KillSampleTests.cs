using System.Globalization;
using System.Security.Cryptography;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.EndToEnd;

/// <summary>A seeded sample of (who is killed or stopped for a while, in which phase) over several migrations in a row on one cluster. Set SHARDCONSOLE_TEST_SEED to repeat one, SHARDCONSOLE_SOAK_ROUNDS for more.</summary>
public sealed class KillSampleTests(ITestOutputHelper output)
{
    private const int Rounds = 5;

    private static readonly MigrationPhase[] Phases =
        [MigrationPhase.Preparing, MigrationPhase.Shadowing, MigrationPhase.Verifying, MigrationPhase.CuttingOver, MigrationPhase.Retaining, MigrationPhase.Cleaning];

    [Fact]
    public async Task Kills_in_any_phase_lose_nothing_and_every_migration_ends()
    {
        var text = Environment.GetEnvironmentVariable("SHARDCONSOLE_TEST_SEED");
        var seed = text is null ? RandomNumberGenerator.GetInt32(int.MaxValue) : int.Parse(text, CultureInfo.InvariantCulture);
        output.WriteLine($"SHARDCONSOLE_TEST_SEED={seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(1 << 20);

        // Retention of a second: long enough to be met, and the way back is not what is tested here.
        await cluster.Admin.LimitAsync(MigrationLimits.Default with { NodeBytesPerSecond = 1_000_000, ClusterBytesPerSecond = 1_000_000, RetainSeconds = 1, CutOverLimitMs = 5000 });
        var writer = LoadWriter.Start(cluster, [.. move.Keys(20, "r"), .. move.KeysElsewhere(10)]);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("SHARDCONSOLE_SOAK_ROUNDS"), CultureInfo.InvariantCulture, out var asked) ? asked : Rounds;
        for (var round = 1; round <= rounds; round++)
        {
            await RoundAsync(cluster, move, writer, round, random);
        }

        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        output.WriteLine($"RESULT kills={rounds} acknowledged={writer.Acknowledged} lost=0");
    }

    private async Task RoundAsync(TestCluster cluster, SegmentMove move, LoadWriter writer, int round, Random random)
    {
        var phase = Phases[random.Next(Phases.Length)];
        var role = random.Next(4);
        var more = random.Next(10);
        var sleeps = random.Next(3) == 0;
        await writer.WaitForMoreAsync(20);
        var from = (await cluster.MapAsync()).OwnerOf(move.Segment);
        var to = from == move.From ? move.To : move.From;
        var answer = await cluster.Admin.StartAsync("sample", round, move.Segment, from, to);
        Assert.True(answer.Accepted, $"{answer}\n{cluster.Output}");
        var met = await cluster.WaitForMigrationAsync(answer.MigrationId, $"reaches {phase}", m => m.Phase >= phase);
        await writer.WaitForMoreAsync(more);
        var victim = await VictimAsync(cluster, role, from, to);
        if (sleeps)
        {
            // It wakes up when the others have gone on without it: what it believed to be and to hold is over.
            cluster.Pause(victim);
            await writer.WaitForMoreAsync(20);
            cluster.Resume(victim);
        }
        else
        {
            await victim.KillAsync();
            victim.Start();
        }

        var ended = await cluster.WaitForMigrationAsync(answer.MigrationId, "ends", m => m.Phase.IsEnded());
        output.WriteLine($"{round}: {from} to {to}, {victim.Name} (role {role}) {(sleeps ? "stopped" : "killed")} in {met.Phase} or {more} writes later: {ended.Phase}");
        Assert.False(writer.HasFailed);
        await cluster.WaitUntilServingAsync();
        Assert.Equal(ended.Phase == MigrationPhase.Done ? to : from, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    private static async Task<NodeProcess> VictimAsync(TestCluster cluster, int role, ShardId from, ShardId to) => role switch
    {
        0 => await cluster.LeaderOfAsync(from),
        1 => await cluster.LeaderOfAsync(to),
        2 => await cluster.MetaLeaderAsync(),
        _ => cluster.Nodes[^1],
    };
}
