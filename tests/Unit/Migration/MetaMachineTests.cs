using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

public sealed class MetaMachineTests
{
    private readonly MetaMachine machine = new();
    private readonly SegmentId segment = new(0);
    private readonly ShardId from;
    private readonly ShardId to;
    private ulong index;

    public MetaMachineTests()
    {
        var members = Enumerable.Range(1, 3)
            .Select(i => new Member(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4))).ToList();
        var genesis = Founding.Create("c", members, 64, 1, null);
        Apply(new FoundCluster(1, genesis));
        from = genesis.Map.OwnerOf(segment);
        to = genesis.Map.Shards.First(s => s.Id != from).Id;
    }

    [Fact]
    public void A_migration_goes_through_its_phases_and_is_forgotten_when_both_shards_have_recorded_the_end()
    {
        var id = UntilCuttingOver();
        Assert.True(Apply(new CommitMigration(6, id, 17)).Accepted);
        Assert.Equal((2UL, to), (machine.State.Map.Epoch, machine.State.Map.OwnerOf(segment)));
        Apply(new NoteActivated(7, id));
        Apply(new FinishMigration(8, id));
        Apply(new NoteEnded(9, id, from, 1234));
        Assert.Contains(id, machine.State.Migrations.Keys);
        Apply(new NoteEnded(10, id, to, 0));

        Assert.Empty(machine.State.Migrations);
        var ended = Assert.Single(machine.State.Ended);
        Assert.Equal(
            [MigrationPhase.Preparing, MigrationPhase.Shadowing, MigrationPhase.Verifying, MigrationPhase.CuttingOver, MigrationPhase.Retaining, MigrationPhase.Cleaning, MigrationPhase.Done],
            ended.Log.Select(e => e.Phase).Distinct());
        Assert.Equal((2UL, 1234L), (ended.Epoch, ended.ClosedMicros));
    }

    [Fact]
    public void Commit_needs_a_cut_over_and_a_committed_Ready()
    {
        var id = Begin("p", 1);
        Assert.Equal("too-late", Apply(new CommitMigration(2, id, 17)).Error);
        UntilCuttingOver(id);
        Assert.Equal("too-late", Apply(new CommitMigration(2, id, 0)).Error);
        Assert.Equal(1UL, machine.State.Map.Epoch);
    }

    [Fact]
    public void Abort_and_Commit_exclude_one_another_and_the_first_wins()
    {
        var id = UntilCuttingOver();
        Apply(new AbortMigration(6, id, "me", "cancelled"));
        Assert.Equal("too-late", Apply(new CommitMigration(7, id, 17)).Error);
        Assert.Equal(1UL, machine.State.Map.Epoch);

        var second = UntilCuttingOver();
        Apply(new CommitMigration(8, second, 17));
        Assert.Equal("too-late", Apply(new AbortMigration(9, second, "me", "cancelled")).Error);
        Assert.Equal(to, machine.State.Map.OwnerOf(segment));
    }

    [Fact]
    public void Pause_is_refused_from_the_cut_over_on_and_cancel_is_not()
    {
        var id = UntilCuttingOver();

        Assert.Equal("too-late", Apply(new PauseMigration(6, id, true, "me", "")).Error);
        Assert.True(Apply(new AbortMigration(7, id, "me", "cancelled")).Accepted);
    }

    [Fact]
    public void A_paused_migration_does_not_cut_over()
    {
        var id = Begin("p", 1);
        Apply(new AdmitMigration(2, id));
        Apply(new NoteImporting(3, id));
        Apply(new NoteVerified(4, id));
        Apply(new PauseMigration(5, id, true, "me", "night"));
        Assert.Equal("too-late", Apply(new AllowCutOver(6, id)).Error);

        Apply(new PauseMigration(7, id, false, "me", ""));
        Assert.True(Apply(new AllowCutOver(8, id)).Accepted);
    }

    [Fact]
    public void Done_needs_the_targets_committed_Activate()
    {
        var id = UntilCuttingOver();
        Apply(new CommitMigration(6, id, 17));

        Assert.Equal("too-late", Apply(new FinishMigration(7, id)).Error);
        Assert.Equal(MigrationPhase.Retaining, machine.State.Migrations[id].Phase);
    }

    [Fact]
    public void An_end_is_not_acknowledged_before_the_phase_has_ended()
    {
        var id = UntilCuttingOver();
        Apply(new CommitMigration(6, id, 17));

        Assert.Equal("too-late", Apply(new NoteEnded(7, id, from, 0)).Error);
        Assert.False(machine.State.Migrations[id].FromEnded);
    }

    [Fact]
    public void How_long_a_segment_was_closed_is_kept_as_soon_as_it_is_known_and_only_once()
    {
        var id = UntilCuttingOver();
        Assert.Equal("too-late", Apply(new NoteClosed(6, id, 2500)).Error);
        Apply(new CommitMigration(6, id, 17));
        Assert.True(Apply(new NoteClosed(7, id, 2500)).Accepted);
        Assert.Equal("too-late", Apply(new NoteClosed(8, id, 9)).Error);

        var record = machine.State.Migrations[id];
        Assert.Equal((MigrationPhase.Retaining, 2500L), (record.Phase, record.ToStatus(null, 600, null).CutOverMicros));
        Apply(new NoteActivated(9, id));
        Apply(new FinishMigration(10, id));
        Apply(new NoteEnded(11, id, from, 0));
        Apply(new NoteEnded(12, id, to, 0));
        Assert.Equal(2500, Assert.Single(machine.State.Ended).ClosedMicros);
    }

    [Fact]
    public void The_level_of_commands_rises_and_a_version_that_does_not_read_it_stops()
    {
        Assert.Equal(1, machine.State.Level);
        Assert.True(Apply(new RaiseLevel(2, MetaCommand.NewestLevel)).Accepted);
        Assert.Equal("stale", Apply(new RaiseLevel(3, 1)).Error);
        Assert.Equal((MetaCommand.NewestLevel, MetaCommand.NewestLevel), (machine.State.Level, MetaState.Decode(machine.State.Encode())!.Level));
        Assert.Throws<InvalidDataException>(() => Apply(new RaiseLevel(4, MetaCommand.NewestLevel + 1)));
    }

    [Fact]
    public void A_move_is_begun_once_also_when_it_has_ended()
    {
        var id = Begin("p", 1);
        Assert.Equal(id, Begin("p", 1));
        Assert.Single(machine.State.Migrations);
        Apply(new AbortMigration(2, id, "me", ""));
        Apply(new NoteEnded(3, id, from, 0));
        Apply(new NoteEnded(4, id, to, 0));

        Assert.Equal(id, Begin("p", 1));
        Assert.Empty(machine.State.Migrations);
        Assert.NotEqual(id, Begin("p", 2));
    }

    [Fact]
    public void What_cannot_begin_says_why()
    {
        Assert.Equal("same-shard", Apply(new BeginMigration(1, "a", 1, segment, from, from, "me", "")).Error);
        Assert.Equal("not-owner", Apply(new BeginMigration(1, "a", 2, segment, to, from, "me", "")).Error);
        Assert.Equal("not-owner", Apply(new BeginMigration(1, "a", 3, new SegmentId(64), from, to, "me", "")).Error);
        Assert.Equal("dead-node", Apply(new BeginMigration(1, "a", 4, segment, from, new ShardId(99), "me", "")).Error);
        Begin("p", 1);
        Assert.Equal("segment-under-way", Apply(new BeginMigration(1, "a", 5, segment, from, to, "me", "")).Error);
        Apply(new ChangeHalt(2, true, "me", "storm"));
        Assert.Equal("halted", Apply(new BeginMigration(1, "a", 6, new SegmentId(1), machine.State.Map.OwnerOf(new SegmentId(1)), OtherThan(new SegmentId(1)), "me", "")).Error);
        Assert.Equal("unknown-migration", Apply(new AbortMigration(3, 999, "me", "")).Error);
        Assert.Equal("limit", Apply(new ChangeLimits(4, MigrationLimits.Default with { CutOverLimitMs = 0 })).Error);
    }

    [Fact]
    public void More_than_the_limit_wait_for_a_place()
    {
        Apply(new ChangeLimits(1, MigrationLimits.Default with { MaxConcurrentMoves = 1 }));
        var first = Begin("p", 1);
        var other = Enumerable.Range(0, 64).Select(i => new SegmentId((ushort)i)).First(s => machine.State.Map.OwnerOf(s) != from);
        var second = Apply(new BeginMigration(1, "p", 2, other, machine.State.Map.OwnerOf(other), OtherThan(other), "me", "")).MigrationId;

        Assert.True(Apply(new AdmitMigration(2, first)).Accepted);
        Assert.Equal("limit", Apply(new AdmitMigration(3, second)).Error);
        Apply(new AbortMigration(4, first, "me", ""));
        Assert.True(Apply(new AdmitMigration(5, second)).Accepted);
    }

    [Fact]
    public void Segments_between_the_same_two_shards_share_a_place_up_to_the_batch()
    {
        Apply(new ChangeLimits(1, MigrationLimits.Default with { MaxConcurrentMoves = 1, BatchSegments = 2 }));
        var ids = Enumerable.Range(0, 64).Select(i => new SegmentId((ushort)i)).Where(s => machine.State.Map.OwnerOf(s) == from).Take(3)
            .Select((s, i) => Apply(new BeginMigration(1, "p", i + 1, s, from, to, "me", "")).MigrationId).ToList();

        Assert.True(Apply(new AdmitMigration(2, ids[0])).Accepted);
        Assert.True(Apply(new AdmitMigration(2, ids[1])).Accepted);
        Assert.Equal("limit", Apply(new AdmitMigration(2, ids[2])).Error);
        Assert.Equal(1, machine.State.PlacesTaken);
    }

    [Fact]
    public void A_node_takes_part_in_no_more_places_than_its_limit()
    {
        Apply(new ChangeLimits(1, MigrationLimits.Default with { MaxNodeMoves = 1 }));
        var third = machine.State.Map.Shards.Select(s => s.Id).Single(s => s != from && s != to);
        var other = Enumerable.Range(0, 64).Select(i => new SegmentId((ushort)i)).First(s => machine.State.Map.OwnerOf(s) == third);
        var first = Begin("p", 1);
        var second = Apply(new BeginMigration(1, "p", 2, other, third, to, "me", "")).MigrationId;

        Assert.True(Apply(new AdmitMigration(2, first)).Accepted);
        Assert.Equal("limit", Apply(new AdmitMigration(2, second)).Error);
    }

    [Fact]
    public void A_rollback_is_accepted_only_in_retention_and_is_a_migration_of_its_own()
    {
        var id = UntilCuttingOver();
        Assert.Equal("not-retained", Apply(new RollBack(6, id, "me", "")).Error);
        Apply(new CommitMigration(6, id, 17));
        Assert.Equal("not-retained", Apply(new RollBack(7, id, "me", "")).Error);
        Apply(new NoteActivated(7, id));
        var back = Apply(new RollBack(8, id, "me", "slower there")).MigrationId;

        var record = machine.State.Migrations[back];
        Assert.Equal((index, id, to, from, true), (back, record.Base, record.From, record.To, record.Admitted));
        Assert.Equal((MigrationPhase.RollingBack, back), (machine.State.Migrations[id].Phase, machine.State.Migrations[id].RolledBackBy));
        Assert.Equal(back, Apply(new RollBack(9, id, "me", "asked twice")).MigrationId);
        Assert.Equal("too-late", Apply(new FinishMigration(9, id)).Error);
        Assert.Equal("not-retained", Apply(new RollBack(9, back, "me", "")).Error);
    }

    [Fact]
    public void Done_before_the_rollback_wins()
    {
        var id = UntilCuttingOver();
        Apply(new CommitMigration(6, id, 17));
        Apply(new NoteActivated(7, id));
        Apply(new FinishMigration(8, id));

        Assert.Equal("too-late", Apply(new RollBack(9, id, "me", "")).Error);
        Assert.Equal(MigrationPhase.Cleaning, machine.State.Migrations[id].Phase);
    }

    [Theory]
    [InlineData(false, MigrationPhase.RolledBack)]
    [InlineData(true, MigrationPhase.Done)]
    public void What_a_rollback_undoes_ends_with_it(bool cancelled, MigrationPhase expected)
    {
        var id = UntilCuttingOver();
        Apply(new CommitMigration(6, id, 17));
        Apply(new NoteActivated(7, id));
        var back = Apply(new RollBack(8, id, "me", "")).MigrationId;
        if (cancelled)
        {
            Apply(new AbortMigration(9, back, "me", ""));
        }
        else
        {
            UntilCuttingOver(back);
            Apply(new CommitMigration(9, back, 30));
            Apply(new NoteActivated(10, back));
            Apply(new FinishMigration(11, back));
        }

        Apply(new NoteEnded(12, back, from, 0));
        Apply(new NoteEnded(12, back, to, 0));

        Assert.Empty(machine.State.Migrations);
        Assert.Equal(expected, machine.State.Find(id)!.Phase);
        Assert.Equal(cancelled ? to : from, machine.State.Map.OwnerOf(segment));
    }

    [Fact]
    public void A_named_request_is_answered_again_and_changes_nothing()
    {
        var id = Begin("p", 1);
        var pause = new PauseMigration(2, id, true, "me", "") { RequestId = "r1" };
        Apply(pause);
        Apply(new PauseMigration(3, id, false, "me", ""));

        Assert.True(Apply(pause).Accepted);
        Assert.False(machine.State.Migrations[id].Paused);
    }

    [Fact]
    public void A_snapshot_holds_the_whole_state()
    {
        var id = UntilCuttingOver();
        Apply(new CommitMigration(6, id, 17) { RequestId = "r" });
        var restored = MetaState.Decode(machine.State.Encode())!;

        Assert.Equal(machine.State.Encode(), restored.Encode());
        Assert.Equal((machine.State.Map.Digest(), MigrationPhase.Retaining), (restored.Map.Digest(), restored.Migrations[id].Phase));
        Assert.Null(MetaState.Decode("{"u8));
        Assert.Null(MetaState.Decode("{\"version\":99,\"state\":{}}"u8));
    }

    [Fact]
    public void An_entry_that_is_no_command_stops_the_group() =>
        Assert.Throws<InvalidDataException>(() => machine.Apply(new Entry(1, ++index, EntryKind.Normal, "{\"kind\":\"tomorrow\"}"u8.ToArray())));

    private ShardId OtherThan(SegmentId id) => machine.State.Map.Shards.First(s => s.Id != machine.State.Map.OwnerOf(id)).Id;

    private MetaAnswer Apply(MetaCommand command) => machine.Apply(new Entry(1, ++index, EntryKind.Normal, command.Encode())).Answer;

    private ulong Begin(string plan, int number) => Apply(new BeginMigration(1, plan, number, segment, from, to, "me", "hot")).MigrationId;

    private ulong UntilCuttingOver(ulong id = 0)
    {
        id = id == 0 ? Begin($"plan{index}", 1) : id;
        Apply(new AdmitMigration(2, id));
        Apply(new NoteImporting(3, id));
        Apply(new NoteVerified(4, id));
        Apply(new AllowCutOver(5, id));
        return id;
    }
}
