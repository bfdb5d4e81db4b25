using System.Globalization;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.EndToEnd;

/// <summary>Live migrations between real processes.</summary>
public sealed class MigrationTests
{
    private static readonly MigrationLimits Fast = MigrationLimits.Default with { RetainSeconds = 0 };

    private static readonly MigrationLimits Slow = Fast with { NodeBytesPerSecond = 300_000, ClusterBytesPerSecond = 300_000 };

    [Fact]
    public async Task A_segment_moves_under_load_and_every_acknowledged_write_is_at_its_new_owner()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster);
        await cluster.Admin.LimitAsync(Fast);
        var writer = LoadWriter.Start(cluster, [.. move.Keys(40, "m"), .. move.KeysElsewhere(20)]);
        await writer.WaitForMoreAsync(200);
        var before = await cluster.MapAsync();
        var id = await move.StartAsync();
        var done = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        await writer.WaitForMoreAsync(200);
        Assert.True(done.Phase == MigrationPhase.Done, Story(done, cluster));

        var after = await cluster.MapAsync();
        Assert.Equal(before.Epoch + 1, after.Epoch);
        Assert.Equal(move.To, after.OwnerOf(move.Segment));
        await writer.StopAndVerifyAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();

        // The same move asked for again is known, not begun again.
        Assert.Equal(id, await move.StartAsync());
    }

    [Fact]
    public async Task A_retained_migration_is_rolled_back_with_the_writes_made_since()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(1 << 20);
        var writer = LoadWriter.Start(cluster, [.. move.Keys(20, "b"), .. move.KeysElsewhere(10)]);
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "is retained", m => m is { Phase: MigrationPhase.Retaining, RetainUntilUnixMs: > 0 });
        Assert.Equal(move.To, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.WaitForMoreAsync(200);

        var answer = await cluster.Admin.ChangeAsync(id, "rollback");
        Assert.True(answer.Accepted, answer.ToString());
        var back = await cluster.WaitForMigrationAsync(answer.MigrationId, "ends", m => m.Phase.IsEnded());
        Assert.True(back.Phase == MigrationPhase.Done && back.Base == id, Story(back, cluster));
        var undone = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        Assert.Equal((MigrationPhase.RolledBack, answer.MigrationId), (undone.Phase, undone.RolledBackBy));
        Assert.Equal(move.From, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.WaitForMoreAsync(50);
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    [Fact]
    public async Task Retention_is_ended_by_hand_and_then_nothing_can_be_rolled_back()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster);
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "is retained and its pause is known", m => m is { Phase: MigrationPhase.Retaining, RetainUntilUnixMs: > 0, CutOverMicros: > 0 });
        Assert.True((await cluster.Admin.ChangeAsync(id, "finish")).Accepted);
        await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase == MigrationPhase.Done);
        Assert.Equal("too-late", (await cluster.Admin.ChangeAsync(id, "rollback")).Error);
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    [Fact]
    public async Task Kill_9_of_the_sources_leader_in_the_middle_loses_nothing() =>
        await KillInTheMiddleAsync((cluster, move) => OnlyAsync(cluster.LeaderOfAsync(move.From)));

    [Fact]
    public async Task Kill_9_of_the_targets_leader_in_the_middle_loses_nothing() =>
        await KillInTheMiddleAsync((cluster, move) => OnlyAsync(cluster.LeaderOfAsync(move.To)));

    [Fact]
    public async Task Kill_9_of_the_meta_groups_leader_in_the_middle_loses_nothing() =>
        await KillInTheMiddleAsync((cluster, _) => OnlyAsync(cluster.MetaLeaderAsync()));

    [Fact]
    public async Task Kill_9_of_all_nodes_in_the_middle_loses_nothing() => await KillInTheMiddleAsync((cluster, _) => Task.FromResult(cluster.Nodes));

    [Fact]
    public async Task A_source_that_sleeps_through_the_move_does_not_serve_what_it_had()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow);
        var key = move.Keys(1, "s").Single();
        var source = await cluster.LeaderOfAsync(move.From);
        using var old = await RespConnection.OpenAsync(source.ClientPort);
        Assert.Equal("+OK", (await old.ExecuteAsync("SET", key, "before")).ToString());
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "copies", m => m.Phase > MigrationPhase.Shadowing || (m.Phase == MigrationPhase.Shadowing && m.CopiedBytes > 0));
        cluster.Pause(source);
        var ended = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        using var others = new ShardedClient([.. cluster.Nodes.Where(n => n != source).Select(n => n.ClientPort)]);
        Assert.Equal("+OK", (await others.RepeatAsync("SET", key, "after")).ToString());

        // The read waits in the socket of the paused process: it is the first thing that it sees when it wakes.
        await old.SendAsync(RespConnection.Encode("GET", key));
        cluster.Resume(source);
        var woken = await old.ReceiveAsync();
        Assert.True(woken.ToString() == "$after" || woken.IsError, woken.ToString());
        Assert.Equal("$after", (await others.RepeatAsync("GET", key)).ToString());

        // A source that falls asleep in the cut-over itself is given up in time; another replica of it serves then.
        Assert.True(ended.Phase is MigrationPhase.Done or MigrationPhase.Aborted, Story(ended, cluster));
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    [Fact]
    public async Task A_cancelled_migration_leaves_the_source_serving()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow);
        var writer = LoadWriter.Start(cluster, move.Keys(20, "c"));
        await writer.WaitForMoreAsync(50);
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "copies", m => m.Phase == MigrationPhase.Shadowing && m.CopiedBytes > 0);
        Assert.True((await cluster.Admin.ChangeAsync(id, "cancel")).Accepted);
        var ended = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        Assert.True(ended.Phase == MigrationPhase.Aborted, Story(ended, cluster));
        await writer.WaitForMoreAsync(50);
        Assert.Equal(move.From, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
        Assert.Equal("too-late", (await cluster.Admin.ChangeAsync(id, "cancel")).Error);
    }

    [Fact]
    public async Task What_cannot_be_moved_is_refused_with_its_code()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var move = await SegmentMove.PickAsync(cluster);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow with { NodeBytesPerSecond = 50_000 });
        Assert.Equal("same-shard", (await cluster.Admin.StartAsync("refused", 1, move.Segment, move.From, move.From)).Error);
        Assert.Equal("not-owner", (await cluster.Admin.StartAsync("refused", 2, move.Segment, move.To, move.From)).Error);
        Assert.Equal("dead-node", (await cluster.Admin.StartAsync("refused", 3, move.Segment, move.From, new ShardId(999))).Error);
        var id = await move.StartAsync();
        Assert.Equal("segment-under-way", (await cluster.Admin.StartAsync("refused", 4, move.Segment, move.From, move.To)).Error);
        Assert.Equal("unknown-migration", (await cluster.Admin.ChangeAsync(987_654, "cancel")).Error);
        Assert.True((await cluster.Admin.ChangeAsync(id, "cancel")).Accepted);
        await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
    }

    [Fact]
    public async Task A_target_whose_nodes_are_dead_is_refused_and_the_source_goes_on()
    {
        // Replication factor 1: a shard lives on one node, and the meta group on all three.
        await using var cluster = await TestCluster.StartAsync(3, replicationFactor: 1);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        var dead = await cluster.LeaderOfAsync(move.To);
        var writer = LoadWriter.Start(cluster, move.Keys(10, "d"));
        await writer.WaitForMoreAsync(50);
        await dead.KillAsync();
        await Eventually.TrueAsync("both others know that the target is dead", async () =>
        {
            var views = await Task.WhenAll(cluster.Nodes.Where(n => n != dead).Select(n => cluster.Admin.StateAsync(n)));
            return views.All(v => v.Gossip.Any(g => g.Name == dead.Name && g.State == "dead"));
        });
        var refused = await cluster.Admin.StartAsync("dead", 1, move.Segment, move.From, move.To);
        Assert.Equal("dead-node", refused.Error);
        await writer.WaitForMoreAsync(50);
        await writer.StopAndVerifyAsync();
    }

    [Fact]
    public async Task A_target_that_dies_on_the_way_aborts_the_migration_and_the_source_goes_on()
    {
        await using var cluster = await TestCluster.StartAsync(3, replicationFactor: 1);
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow);
        var writer = LoadWriter.Start(cluster, move.Keys(10, "d"));
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "copies", m => m.Phase == MigrationPhase.Shadowing && m.CopiedBytes > 0);
        var target = await cluster.LeaderOfAsync(move.To);
        await target.KillAsync();
        await cluster.WaitForMigrationAsync(id, "is aborted", m => m.Phase is MigrationPhase.Aborting or MigrationPhase.Aborted);
        await writer.WaitForMoreAsync(50);
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();

        // The end needs the word of both shards: it comes when the target is back.
        target.Start();
        var ended = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        Assert.Equal(MigrationPhase.Aborted, ended.Phase);
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    private static async Task KillInTheMiddleAsync(Func<TestCluster, SegmentMove, Task<IReadOnlyList<NodeProcess>>> choose)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WaitUntilSettledAsync();
        var move = await SegmentMove.PickAsync(cluster, otherLeader: true);
        await move.FillAsync(3 << 20);
        await cluster.Admin.LimitAsync(Slow);
        var writer = LoadWriter.Start(cluster, [.. move.Keys(20, "k"), .. move.KeysElsewhere(10)]);
        await writer.WaitForMoreAsync(50);
        var id = await move.StartAsync();
        await cluster.WaitForMigrationAsync(id, "copies", m => m.Phase > MigrationPhase.Shadowing || (m.Phase == MigrationPhase.Shadowing && m.CopiedBytes > 0));
        var victims = await choose(cluster, move);
        await Task.WhenAll(victims.Select(v => v.KillAsync()));
        if (victims.Count < cluster.Nodes.Count)
        {
            await writer.WaitForMoreAsync(50);
        }

        foreach (var victim in victims)
        {
            victim.Start();
        }

        await cluster.Admin.LimitAsync(Fast);
        var ended = await cluster.WaitForMigrationAsync(id, "ends", m => m.Phase.IsEnded());
        await writer.WaitForMoreAsync(50);
        await cluster.WaitUntilServingAsync();
        var owner = ended.Phase == MigrationPhase.Done ? move.To : move.From;
        Assert.Equal(owner, (await cluster.MapAsync()).OwnerOf(move.Segment));
        await writer.StopAndVerifyAsync();
        await move.VerifyFillAsync();
        await cluster.WaitUntilOnlyOwnersHoldAsync();
    }

    private static async Task<IReadOnlyList<NodeProcess>> OnlyAsync(Task<NodeProcess> node) => [await node];

    private static string Story(MigrationStatus migration, TestCluster cluster) => string.Join('\n', migration.Log.Select(e => string.Create(
        CultureInfo.InvariantCulture, $"{e.RaftIndex} {e.Phase} by {e.By}: {e.Reason}"))) + "\n" + cluster.Output;
}
