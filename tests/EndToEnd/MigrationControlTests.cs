using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.EndToEnd;

/// <summary>An operator's requests in every phase in which they can be met, and a target that runs out of disk. No control plane runs in any of it.</summary>
public sealed class MigrationControlTests
{
    private static readonly MigrationLimits Slow = MigrationLimits.Default with { NodeBytesPerSecond = 300_000, ClusterBytesPerSecond = 300_000 };

    [Fact]
    public async Task Every_control_does_what_its_phase_allows_and_is_refused_in_the_others()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(3 << 20);
        var writer = LoadWriter.Start(cluster, [.. move.Keys(10, "c"), .. move.KeysElsewhere(10)]);
        var admin = cluster.Admin;
        var number = 0;

        async Task<ulong> BeginAsync()
        {
            var answer = await admin.StartAsync("controls", ++number, move.Segment, move.From, move.To);
            Assert.True(answer.Accepted, $"{answer}\n{cluster.Output}");
            return answer.MigrationId;
        }

        async Task AcceptedAsync(ulong id, params string[] controls)
        {
            foreach (var control in controls)
            {
                var answer = await admin.ChangeAsync(id, control);
                Assert.True(answer.Accepted, $"{control}: {answer}");
            }
        }

        async Task RefusedAsync(ulong id, string code, params string[] controls)
        {
            foreach (var control in controls)
            {
                var answer = await admin.ChangeAsync(id, control);
                Assert.True(!answer.Accepted && answer.Error == code, $"{control}: {answer}");
            }
        }

        // Shadowing: what is paused stands still while clients write, goes on when it is resumed, and can be cancelled while it is paused.
        await admin.LimitAsync(Slow with { MaxConcurrentMoves = 1 });
        var shadowing = await BeginAsync();
        await cluster.WaitForMigrationAsync(shadowing, "copies", m => m.Phase == MigrationPhase.Shadowing && m.CopiedBytes > 0);
        await AcceptedAsync(shadowing, "pause");
        await RefusedAsync(shadowing, "not-retained", "rollback");

        // Preparing: the paused one holds the only place.
        var map = await cluster.MapAsync();
        var other = Enumerable.Range(0, map.SegmentCount).Select(i => new SegmentId((ushort)i)).First(s => map.OwnerOf(s) == move.To);
        var preparing = (await admin.StartAsync("controls", ++number, other, move.To, move.From)).MigrationId;
        await AcceptedAsync(preparing, "pause", "resume", "pause");
        await RefusedAsync(preparing, "not-retained", "rollback");
        await AcceptedAsync(preparing, "cancel");
        Assert.Equal(MigrationPhase.Aborted, (await cluster.WaitForMigrationAsync(preparing, "ends", m => m.Phase.IsEnded())).Phase);

        await writer.WaitForMoreAsync(100);
        Assert.True(await admin.FindMigrationAsync(shadowing) is { Paused: true, Phase: MigrationPhase.Shadowing });
        await AcceptedAsync(shadowing, "resume");
        await cluster.WaitForMigrationAsync(shadowing, "goes on", m => m is { Paused: false });
        await AcceptedAsync(shadowing, "pause", "cancel");
        Assert.Equal(MigrationPhase.Aborted, (await cluster.WaitForMigrationAsync(shadowing, "ends", m => m.Phase.IsEnded())).Phase);
        await RefusedAsync(shadowing, "too-late", "pause", "resume", "cancel", "rollback", "finish");

        // Retaining: only the way back and the end of retention are left.
        await admin.LimitAsync(MigrationLimits.Default);
        var retained = await BeginAsync();
        await cluster.WaitForMigrationAsync(retained, "is retained", m => m is { Phase: MigrationPhase.Retaining, RetainUntilUnixMs: > 0 });
        await RefusedAsync(retained, "too-late", "pause", "resume", "cancel");
        await writer.WaitForMoreAsync(50);
        await AcceptedAsync(retained, "rollback");
        Assert.Equal(MigrationPhase.RolledBack, (await cluster.WaitForMigrationAsync(retained, "is rolled back", m => m.Phase.IsEnded())).Phase);
        Assert.Equal(move.From, (await cluster.MapAsync()).OwnerOf(move.Segment));

        // Retention is ended by hand: nothing leads back any more.
        var kept = await BeginAsync();
        await cluster.WaitForMigrationAsync(kept, "is retained", m => m is { Phase: MigrationPhase.Retaining, RetainUntilUnixMs: > 0 });
        await AcceptedAsync(kept, "finish");
        Assert.Equal(MigrationPhase.Done, (await cluster.WaitForMigrationAsync(kept, "ends", m => m.Phase.IsEnded())).Phase);
        await RefusedAsync(kept, "too-late", "rollback", "cancel", "finish");

        Assert.Equal(move.To, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.WaitForMoreAsync(50);
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    [Fact]
    public async Task A_target_whose_disk_fills_up_holds_nobody_up_and_the_migration_ends_one_way_or_the_other()
    {
        await using var cluster = await TestCluster.StartAsync(3, replicationFactor: 1);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow with { RetainSeconds = 0 });
        var target = await cluster.LeaderOfAsync(move.To);
        await target.TerminateAsync();
        target.Start("write.before@80-104:full");
        await cluster.WaitUntilServingAsync();
        var writer = LoadWriter.Start(cluster, move.Keys(20, "f"));
        var answer = await cluster.Admin.StartAsync("full", 1, move.Segment, move.From, move.To);
        Assert.True(answer.Accepted, $"{answer}\n{cluster.Output}");
        await Eventually.TrueAsync("the target's disk is full", async () => await cluster.Admin.MetricAsync(target, "shardconsole_store_disk_full") == 1, () => cluster.Output);
        await writer.WaitForMoreAsync(50);
        await Eventually.TrueAsync("it has room again", async () => await cluster.Admin.MetricAsync(target, "shardconsole_store_disk_full") == 0, () => cluster.Output);

        var ended = await cluster.WaitForMigrationAsync(answer.MigrationId, "ends", m => m.Phase.IsEnded());
        Assert.Equal(ended.Phase == MigrationPhase.Done ? move.To : move.From, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.WaitForMoreAsync(50);
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }
}
