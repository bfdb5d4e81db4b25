using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Migration;

namespace ShardConsole.Unit.AntiEntropy;

/// <summary>What a group holds although the meta group gives it to another shard.</summary>
public sealed class OrphanTests
{
    private static readonly ShardId Elsewhere = new(2);

    [Fact]
    public void A_copy_of_a_migration_that_is_not_open_is_an_orphan_and_goes_only_when_somebody_asks_and_the_meta_group_says_so_again()
    {
        var script = new MachineScript(owned: false);
        script.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 30, 0));
        var core = new OrphanCore(script.Machine, 1, 1000);
        var held = new HeldSegment(MachineScript.Segment, SegmentState.Importing, 30);

        var question = core.Look(0)!;
        Assert.Equal([held], question.Held);
        Assert.Null(core.Look(999));
        Assert.False(core.TryDrop(MachineScript.Segment));
        var (drops, alarms) = core.OnAnswer(new OwnersAnswer(question.Group, 1, question.Question, [new OwnerRow(held, Elsewhere, false)]), 5);
        Assert.Empty(drops);
        Assert.Single(alarms);
        var orphan = Assert.Single(core.Orphans);
        Assert.Equal((MachineScript.Segment, "Importing", 30UL, Elsewhere, 5L), (orphan.Segment, orphan.State, orphan.Migration, orphan.Owner, orphan.SinceUnixMs));

        Assert.True(core.TryDrop(MachineScript.Segment));
        question = core.Look(1)!;
        Assert.Empty(core.OnAnswer(new OwnersAnswer(question.Group, 1, question.Question - 1, [new OwnerRow(held, Elsewhere, false)]), 6).Drops);
        (drops, alarms) = core.OnAnswer(new OwnersAnswer(question.Group, 1, question.Question, [new OwnerRow(held, Elsewhere, false)]), 7);

        Assert.Empty(alarms);
        Assert.Equal(ApplyOutcome.Applied, script.Apply(Assert.Single(drops)));
        Assert.Equal(SegmentState.Absent, script.Replica.State);
        question = core.Look(2)!;
        Assert.Empty(question.Held);
        _ = core.OnAnswer(new OwnersAnswer(question.Group, 1, question.Question, []), 8);
        Assert.Empty(core.Orphans);
    }

    [Theory]
    [InlineData(true, 2)] // its migration is open
    [InlineData(false, 1)] // the map gives it to this shard
    public void What_is_open_or_owned_is_none(bool isOpen, int owner)
    {
        var script = new MachineScript(owned: false);
        script.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 30, 0));
        var core = new OrphanCore(script.Machine, 1, 1000);
        var question = core.Look(0)!;

        var answer = new OwnersAnswer(question.Group, 1, question.Question, [new OwnerRow(question.Held[0], new ShardId((ushort)owner), isOpen)]);

        Assert.Empty(core.OnAnswer(answer, 5).Alarms);
        Assert.Empty(core.Orphans);
    }

    [Fact]
    public void A_segment_that_has_changed_since_the_question_is_not_judged()
    {
        var script = new MachineScript(owned: true);
        var core = new OrphanCore(script.Machine, 1, 1000);
        var question = core.Look(0)!;
        script.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 40));

        var rows = question.Held.Select(h => new OwnerRow(h, Elsewhere, false));
        _ = core.OnAnswer(new OwnersAnswer(question.Group, 1, question.Question, [.. rows]), 5);

        Assert.Equal([MachineScript.Other], core.Orphans.Select(o => o.Segment));
        Assert.False(core.TryDrop(MachineScript.Other), "What is Owned is never dropped.");
    }

    [Fact]
    public void The_meta_group_answers_from_its_map_and_its_open_records()
    {
        var owned = new HeldSegment(MachineScript.Segment, SegmentState.Owned, 0);
        var retained = new HeldSegment(MachineScript.Other, SegmentState.Retained, 9);
        var state = MetaState.Empty with
        {
            Map = new ShardMap { Epoch = 2, Owners = [.. Enumerable.Range(0, 64).Select(i => i == MachineScript.Segment.Value ? new ShardId(1) : Elsewhere)] },
        };

        var answer = OrphanCore.Answer(state, new AskOwners(new GroupId(1), 4, 5, [owned, retained]));

        Assert.Equal((4UL, 5UL), (answer.Term, answer.Question));
        Assert.Equal([new OwnerRow(owned, new ShardId(1), false), new OwnerRow(retained, Elsewhere, false)], answer.Rows);
        Assert.Equal(answer.Rows, ((OwnersAnswer)AntiEntropyMessage.Decode(answer.Encode())!).Rows);
    }
}
