using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.Unit.Migration;

/// <summary>One test per sentence of the rule "Fence".</summary>
public sealed class FenceTests
{
    private static (SegmentState State, ulong Migration, ulong Fence) Of(MachineScript script) => (script.Replica.State, script.Replica.Migration, script.Replica.Fence);

    [Fact]
    public void The_owned_segments_are_those_whose_state_says_so_at_every_step()
    {
        var (owner, target) = (new MachineScript(owned: true), new MachineScript(owned: false));
        Assert.Equal([MachineScript.Segment, MachineScript.Other], owner.Machine.Owned.Select(s => s.Id));
        Assert.Empty(target.Machine.Owned);

        owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 3));
        Assert.Equal([MachineScript.Other], owner.Machine.Owned.Select(s => s.Id));
        var frozen = SegmentStateCodec.Encode(owner.Replica);
        owner.Apply(ShardEntryCodec.Unfreeze(MachineScript.Segment, 3));
        Assert.Equal([MachineScript.Segment, MachineScript.Other], owner.Machine.Owned.Select(s => s.Id));

        Assert.True(owner.Machine.TryRestore(MachineScript.Segment, frozen, null, 1));
        Assert.Equal([MachineScript.Other], owner.Machine.Owned.Select(s => s.Id));
    }

    [Fact]
    public void Importing_applies_only_in_Absent()
    {
        var owner = new MachineScript(owned: true);

        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0)));
        Assert.Equal((SegmentState.Owned, 0UL, 0UL), Of(owner));
    }

    [Fact]
    public void Importing_sets_the_fence_and_is_refused_at_or_below_it()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));
        Assert.Equal((SegmentState.Importing, 3UL, 3UL), Of(target));
        target.Apply(ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Importing, 3));

        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0)));
        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 2, 0)));
        Assert.Equal((SegmentState.Absent, 0UL, 3UL), Of(target));
        Assert.Equal(ApplyOutcome.Applied, target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 4, 0)));
    }

    [Fact]
    public void Importing_never_replaces_another_Importing_in_place()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));

        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 4, 0)));
        Assert.Equal((SegmentState.Importing, 3UL, 3UL), Of(target));
    }

    [Fact]
    public void A_rollback_imports_only_from_the_Retained_state_of_the_migration_that_it_undoes_and_keeps_the_copy()
    {
        var source = Retained(3);

        Assert.Equal(ApplyOutcome.Nothing, source.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 5, 2)));
        Assert.Equal(ApplyOutcome.Nothing, source.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 5, 0)));
        Assert.Equal(ApplyOutcome.Applied, source.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 5, 3)));
        Assert.Equal((SegmentState.Importing, 5UL, 5UL), Of(source));
        Assert.Equal("1", source.Look("a"));
    }

    [Fact]
    public void Freeze_applies_only_in_Owned_and_above_the_fence()
    {
        var absent = new MachineScript(owned: false);
        Assert.Equal(ApplyOutcome.Nothing, absent.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 3)));
        Assert.Equal((SegmentState.Absent, 0UL, 0UL), Of(absent));

        var owner = new MachineScript(owned: true);
        owner.Apply(ShardEntryCodec.End(MachineScript.Segment, 3));
        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 3)));
        Assert.Equal(ApplyOutcome.Applied, owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 4)));
        Assert.Equal((SegmentState.Frozen, 4UL, 4UL), Of(owner));
    }

    [Fact]
    public void Activate_applies_only_in_the_Importing_that_it_names_and_only_when_Ready()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));
        target.Stream(3, MachineScript.Chunk(10, ("a", "1")));
        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 3, 9, 0)));

        target.Stream(3, MachineScript.Marker(10, final: true, ("a", "1")));
        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 4, 9, 0)));
        Assert.Equal(ApplyOutcome.Applied, target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 3, 9, 0)));
        Assert.Equal((SegmentState.Owned, 0UL, 3UL), Of(target));
        Assert.Equal(9UL, target.Replica.Epoch);
    }

    [Fact]
    public void A_second_Activate_changes_nothing()
    {
        var target = new MachineScript(owned: false);
        target.ImportUntilReady(3, ("a", "1"));
        target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 3, 9, 0));
        target.Write("a", "2");

        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 3, 10, 0)));
        Assert.Equal(("2", 9UL), (target.Look("a"), target.Replica.Epoch));
    }

    [Fact]
    public void Unfreeze_and_Retained_apply_only_in_the_Frozen_that_they_name()
    {
        var owner = new MachineScript(owned: true);
        owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 4));

        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Unfreeze(MachineScript.Segment, 3)));
        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Retained(MachineScript.Segment, 3)));
        Assert.Equal((SegmentState.Frozen, 4UL, 4UL), Of(owner));
        Assert.Equal(ApplyOutcome.Applied, owner.Apply(ShardEntryCodec.Unfreeze(MachineScript.Segment, 4)));
        Assert.Equal((SegmentState.Owned, 0UL, 4UL), Of(owner));
        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Retained(MachineScript.Segment, 4)));
    }

    [Fact]
    public void Drop_applies_only_while_the_state_and_id_that_it_names_are_held()
    {
        var source = Retained(3);

        Assert.Equal(ApplyOutcome.Nothing, source.Apply(ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Importing, 3)));
        Assert.Equal(ApplyOutcome.Nothing, source.Apply(ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Retained, 2)));
        Assert.Equal("1", source.Look("a"));
        Assert.Equal(ApplyOutcome.Applied, source.Apply(ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Retained, 3)));
        Assert.Equal((SegmentState.Absent, 0UL, 3UL), Of(source));
        Assert.Null(source.Replica.Table);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_that_is_served_or_may_be_served_again_can_be_dropped(bool frozen)
    {
        var owner = new MachineScript(owned: true);
        var (state, migration) = frozen ? (SegmentState.Frozen, 4UL) : (SegmentState.Owned, 0UL);
        owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, migration));

        Assert.Equal(ApplyOutcome.Nothing, owner.Apply(ShardEntryCodec.Drop(MachineScript.Segment, state, migration)));
        Assert.Equal(state, owner.Replica.State);
    }

    [Fact]
    public void End_is_accepted_only_in_Absent_or_Owned_and_raises_the_fence()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));
        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.End(MachineScript.Segment, 3)));
        Assert.Equal(0UL, target.Replica.Ended);

        target.Apply(ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Importing, 3));
        Assert.Equal(ApplyOutcome.Applied, target.Apply(ShardEntryCodec.End(MachineScript.Segment, 7)));
        Assert.Equal((7UL, 7UL), (target.Replica.Fence, target.Replica.Ended));
        Assert.Equal(ApplyOutcome.Nothing, target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 7, 0)));
    }

    [Fact]
    public void Commands_change_only_what_is_Owned_when_they_are_applied()
    {
        var owner = new MachineScript(owned: true);
        Assert.Equal(ApplyOutcome.Applied, owner.Write("a", "1"));
        owner.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 4));
        Assert.Equal(ApplyOutcome.NotOwned, owner.Write("a", "2"));
        Assert.Equal("1", owner.Look("a"));

        Assert.Equal(ApplyOutcome.NotOwned, new MachineScript(owned: false).Write("a", "1"));
    }

    private static MachineScript Retained(ulong migration)
    {
        var source = new MachineScript(owned: true);
        source.Write("a", "1");
        source.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, migration));
        source.Apply(ShardEntryCodec.Retained(MachineScript.Segment, migration));
        return source;
    }
}
