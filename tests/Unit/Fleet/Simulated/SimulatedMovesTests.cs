using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Simulated.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Planning;
using ShardConsole.Unit.Planning.Paper;

namespace ShardConsole.Unit.Fleet.Simulated;

/// <summary>The simulated fleet answers and moves like the meta group does.</summary>
public sealed class SimulatedMovesTests
{
    // Four shards on two nodes, two segments each, 24 MB: two seconds at 12 MB/s.
    private readonly SimulatedMoves moves = new(PaperCase.Cluster(2, [1, 1, 2, 2, 3, 3, 4, 4], shards: 4).Map, _ => 24_000_000) { Limits = MigrationLimits.Default with { RetainSeconds = 10 } };
    private long now;

    [Fact]
    public void A_move_passes_its_phases_copies_at_the_limit_and_changes_the_map_at_its_commit()
    {
        var id = Start(1, 0, 1, 2).MigrationId;

        Run(1);
        Assert.Equal(MigrationPhase.Shadowing, Of(id).Phase);
        Run(1);
        Assert.Equal(12_000_000, Of(id).BytesPerSecond);
        Assert.Equal((1UL, ClusterCase.Shard(1)), (moves.Map.Epoch, moves.Map.OwnerOf(new SegmentId(0))));
        Run(2);
        Assert.Equal((MigrationPhase.Retaining, 2UL, ClusterCase.Shard(2)), (Of(id).Phase, moves.Map.Epoch, moves.Map.OwnerOf(new SegmentId(0))));
        Run(13);
        Assert.Equal(
            [MigrationPhase.Preparing, MigrationPhase.Shadowing, MigrationPhase.Verifying, MigrationPhase.CuttingOver, MigrationPhase.Retaining, MigrationPhase.Cleaning, MigrationPhase.Done],
            Of(id).Log.Select(l => l.Phase));
    }

    [Fact]
    public void A_move_begins_once_and_what_cannot_be_is_refused_in_the_meta_groups_words()
    {
        Assert.Equal(Start(1, 0, 1, 2).MigrationId, Start(1, 0, 1, 2).MigrationId);
        Assert.Equal(["segment-under-way", "not-owner", "same-shard", "unknown-migration"], new[] { Start(2, 0, 1, 3), Start(3, 2, 1, 3), Start(4, 1, 1, 1), Change(99, MoveChange.Pause) }.Select(a => a.Error));
        moves.Halt(new SetHalt(true, "ann", ""));
        Assert.Equal("halted", Start(5, 1, 1, 2).Error);
    }

    [Fact]
    public void The_limits_of_moves_at_once_of_a_node_and_of_the_cluster_hold()
    {
        moves.Limits = moves.Limits with { MaxConcurrentMoves = 2, ClusterBytesPerSecond = 6_000_000 };
        var ids = new[] { Start(1, 0, 1, 2), Start(2, 2, 2, 1), Start(3, 4, 3, 4) }.Select(a => a.MigrationId).ToArray();

        Run(1);
        Run(1);

        Assert.Equal([3_000_000, 3_000_000, 0], ids.Select(i => Of(i).BytesPerSecond));
        Assert.Equal(MigrationPhase.Preparing, Of(ids[2]).Phase);
    }

    [Fact]
    public void Halted_and_paused_moves_stand_still_and_go_on()
    {
        var id = Start(1, 0, 1, 2).MigrationId;
        Run(1);
        Assert.True(Change(id, MoveChange.Pause).Accepted);
        Run(60);
        Assert.Equal(MigrationPhase.Shadowing, Of(id).Phase);
        Change(id, MoveChange.Resume);
        moves.Halt(new SetHalt(true, "ann", ""));
        Run(60);
        Assert.Equal(MigrationPhase.Shadowing, Of(id).Phase);
        moves.Halt(new SetHalt(false, "ann", ""));
        Run(5);
        Assert.Equal(MigrationPhase.Retaining, Of(id).Phase);
    }

    [Fact]
    public void Cancelled_before_the_commit_nothing_moved_and_rolled_back_after_it_the_segment_is_home()
    {
        var cancelled = Start(1, 0, 1, 2).MigrationId;
        Run(1);
        Assert.True(Change(cancelled, MoveChange.Cancel).Accepted);
        Run(1);
        Assert.Equal((MigrationPhase.Aborted, 1UL), (Of(cancelled).Phase, moves.Map.Epoch));

        var done = Start(2, 2, 2, 1).MigrationId;
        Run(5);
        Assert.Equal("too-late", Change(done, MoveChange.Cancel).Error);
        var back = Change(done, MoveChange.Rollback).MigrationId;
        Run(5);
        Assert.Equal((MigrationPhase.RolledBack, back, MigrationPhase.Done, done), (Of(done).Phase, Of(done).RolledBackBy, Of(back).Phase, Of(back).Base));
        Assert.Equal(ClusterCase.Shard(2), moves.Map.OwnerOf(new SegmentId(2)));
        Assert.Equal("not-retained", Change(done, MoveChange.Rollback).Error);
    }

    private MetaAnswer Start(int number, int segment, int from, int to) =>
        moves.Start(new StartMigration("plan", number, new SegmentId((ushort)segment), ClusterCase.Shard(from), ClusterCase.Shard(to), "ann", "because"), now);

    private MetaAnswer Change(ulong id, MoveChange change) => moves.Change(id, change, "ann", "because", now);

    private void Run(int seconds)
    {
        for (var tick = 0; tick < 2 * seconds; tick++)
        {
            now += 500;
            moves.Advance(0.5, now);
        }
    }

    private MigrationStatus Of(ulong id) => moves.All.First(m => m.Id == id).Status(now, moves.Limits.RetainSeconds, 1000);
}
