using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.Unit.Migration;

/// <summary>The shortest traces by which looser readings of the protocol failed in the model, driven entry by entry: the last step of each must be refused.</summary>
public sealed class CounterexampleTests
{
    private static readonly Shared.Cluster.SegmentId Segment = MachineScript.Segment;

    [Fact]
    public void A_late_Freeze_of_an_ended_migration_does_not_freeze_its_former_source_again()
    {
        // A moved to B by m1 and back by m2; then A would log Freeze(m1) and Retained(m1) once more: no group would hold the truth.
        var (a, b) = (new MachineScript(owned: true), new MachineScript(owned: false));
        a.Write("k", "1");
        Move(a, b, 1, ("k", "1"));
        a.Apply(ShardEntryCodec.Drop(Segment, SegmentState.Retained, 1));
        Move(b, a, 2, ("k", "1"));

        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.Freeze(Segment, 1)));
        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.Retained(Segment, 1)));
        Assert.Equal((SegmentState.Owned, "1"), (a.Replica.State, a.Look("k")));
    }

    [Fact]
    public void A_write_proposed_before_Freeze_and_applied_after_it_changes_nothing()
    {
        var a = new MachineScript(owned: true);
        a.Apply(ShardEntryCodec.Freeze(Segment, 1));

        Assert.Equal(ApplyOutcome.NotOwned, a.Write("k", "1"));
        Assert.Null(a.Look("k"));
    }

    [Fact]
    public void An_Unfreeze_that_quotes_the_abort_of_an_older_migration_is_refused()
    {
        var a = new MachineScript(owned: true);
        a.Apply(ShardEntryCodec.Freeze(Segment, 2));

        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.Unfreeze(Segment, 1)));
        Assert.Equal(SegmentState.Frozen, a.Replica.State);
    }

    [Fact]
    public void An_orphans_Drop_that_was_asked_for_in_an_older_state_is_refused()
    {
        // B asked while it held Importing(m1), aborted; meanwhile it holds Importing(m2), ready and committed.
        var b = new MachineScript(owned: false);
        b.Apply(ShardEntryCodec.Importing(Segment, 1, 0));
        b.Apply(ShardEntryCodec.Drop(Segment, SegmentState.Importing, 1));
        b.ImportUntilReady(2, ("k", "1"));

        Assert.Equal(ApplyOutcome.Nothing, b.Apply(ShardEntryCodec.Drop(Segment, SegmentState.Importing, 1)));
        Assert.Equal((true, "1"), (b.Replica.Ready, b.Look("k")));
    }

    [Fact]
    public void An_Importing_that_comes_after_the_end_of_its_migration_is_refused()
    {
        var b = new MachineScript(owned: false);
        b.Apply(ShardEntryCodec.End(Segment, 1));

        Assert.Equal(ApplyOutcome.Nothing, b.Apply(ShardEntryCodec.Importing(Segment, 1, 0)));
    }

    [Fact]
    public void The_end_of_a_newer_migration_is_not_recorded_while_an_older_one_is_held()
    {
        var a = new MachineScript(owned: true);
        a.Apply(ShardEntryCodec.Freeze(Segment, 1));

        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.End(Segment, 2)));
        Assert.Equal((1UL, 0UL), (a.Replica.Fence, a.Replica.Ended));
        Assert.Equal(ApplyOutcome.Applied, a.Apply(ShardEntryCodec.Retained(Segment, 1)));
    }

    [Fact]
    public void A_rollback_that_is_over_is_not_entered_again_from_its_base()
    {
        // A: m1 to B, rolled back by m2; then a late Freeze(m1), Retained(m1), Importing(m2) would lose the truth.
        var (a, b) = (new MachineScript(owned: true), new MachineScript(owned: false));
        a.Write("k", "1");
        Move(a, b, 1, ("k", "1"));
        a.Apply(ShardEntryCodec.Importing(Segment, 2, 1));
        b.Apply(ShardEntryCodec.Freeze(Segment, 2));
        var marker = MachineScript.Marker(10, final: true, ("k", "1"));

        // A kept its copy, with all buckets: the stream back begins with a restart, and nothing is sent again.
        Assert.Equal(ApplyOutcome.Applied, a.Stream(2, new StreamRestart(10, marker.TimeMs, marker.BucketCount, marker.Digests)));
        a.Stream(2, marker);
        Assert.Equal(ApplyOutcome.Applied, a.Apply(ShardEntryCodec.Activate(Segment, 2, 3, 0)));

        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.Freeze(Segment, 1)));
        Assert.Equal(ApplyOutcome.Nothing, a.Apply(ShardEntryCodec.Importing(Segment, 2, 1)));
        Assert.Equal((SegmentState.Owned, "1"), (a.Replica.State, a.Look("k")));
    }

    [Fact]
    public void A_chunk_whose_predecessor_was_lost_is_refused()
    {
        var b = new MachineScript(owned: false);
        b.Apply(ShardEntryCodec.Importing(Segment, 1, 0));

        Assert.Equal(ApplyOutcome.Nothing, b.Stream(1, MachineScript.Chunk(10) with { BucketCount = 2, Bucket = 1 }));
    }

    [Fact]
    public void A_stream_that_skips_an_entry_is_refused_also_by_a_new_leader_for_the_cursor_is_replicated()
    {
        var b = new MachineScript(owned: false);
        b.Apply(ShardEntryCodec.Importing(Segment, 1, 0));
        b.Stream(1, MachineScript.Chunk(10, ("k", "0")));
        var restored = new SegmentReplica(Segment);
        SegmentStateCodec.TryDecode(SegmentStateCodec.Encode(b.Replica), restored);

        Assert.Null(restored.Cursor.After(MachineScript.Effects(11, 12, ("k", "2"))));
        Assert.NotNull(restored.Cursor.After(MachineScript.Effects(10, 11, ("k", "1"))));
    }

    private static void Move(MachineScript source, MachineScript target, ulong migration, params (string Key, string Value)[] pairs)
    {
        source.Apply(ShardEntryCodec.Freeze(Segment, migration));
        target.ImportUntilReady(migration, pairs);
        source.Apply(ShardEntryCodec.Retained(Segment, migration));
        Assert.Equal(ApplyOutcome.Applied, target.Apply(ShardEntryCodec.Activate(Segment, migration, migration + 1, 0)));
    }
}
