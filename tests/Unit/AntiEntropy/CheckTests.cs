using System.Text;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Migration;

namespace ShardConsole.Unit.AntiEntropy;

/// <summary>The comparison of a shard's replicas from its beginning to its report.</summary>
public sealed class CheckTests
{
    [Fact]
    public void Equal_replicas_are_found_equal_by_their_roots()
    {
        var group = new CheckGroup();
        group.Write("a", "1");

        var report = group.Check();

        Assert.Equal((CheckOutcome.Equal, 0, 0), (report.Outcome, report.Differences, report.Repaired));
        Assert.Equal([new NodeId(1), new NodeId(2), new NodeId(3)], report.Compared);
        Assert.Equal(2UL, report.Index);
        Assert.Equal(1, report.Keys);
        Assert.Empty(group.Alarms);
    }

    [Theory]
    [InlineData("a", "other")] // another value
    [InlineData("phantom", "1")] // a key too many
    public void A_follower_that_differs_takes_over_what_the_majority_holds(string key, string value)
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.Corrupt(3, key, value);

        var report = group.Check();

        Assert.Equal((CheckOutcome.Repaired, 1, 1), (report.Outcome, report.Differences, report.Repaired));
        Assert.Equal([new NodeId(3)], report.Listed[0].Wrong);
        Assert.Equal(("repaired", MachineScript.Segment), (report.Listed[0].Result, report.Listed[0].Segment));
        Assert.Equal(("1", null), (group.Look(3, "a"), group.Look(3, "phantom")));
        Assert.Equal(group.Table(1).Digest(0, 1), group.Table(3).Digest(0, 1));
        Assert.Equal((0, 0, 1L), (group.Machines[0].RepairedBuckets, group.Machines[1].RepairedBuckets, group.Machines[2].RepairedBuckets));
        Assert.Single(group.Alarms);
    }

    [Fact]
    public void A_leader_that_differs_hands_over_and_the_next_one_repairs_it()
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.Corrupt(1, "a", "wrong");

        var report = group.Check();

        Assert.Equal(CheckOutcome.HandedOver, report.Outcome);
        Assert.Equal(new NodeId(2), group.HandOver);
        Assert.Equal("wrong", group.Look(1, "a"));

        var next = new CheckGroup(leader: 2);
        next.Write("a", "1");
        next.Corrupt(1, "a", "wrong");
        Assert.Equal(CheckOutcome.Repaired, next.Check().Outcome);
        Assert.Equal("1", next.Look(1, "a"));
    }

    [Fact]
    public void Where_no_majority_holds_the_same_nothing_is_repaired_and_somebody_is_told()
    {
        var group = new CheckGroup(replicas: 2);
        group.Write("a", "1");
        group.Corrupt(2, "a", "wrong");

        var report = group.Check();

        Assert.Equal((CheckOutcome.Unrepaired, 1, 0), (report.Outcome, report.Differences, report.Repaired));
        Assert.Contains("No majority", report.Listed[0].Result, StringComparison.Ordinal);
        Assert.Equal(("1", "wrong"), (group.Look(1, "a"), group.Look(2, "a")));
        Assert.Equal(2, group.Alarms.Count);
    }

    [Fact]
    public void A_repair_that_a_write_overtook_changes_nothing_and_is_made_anew()
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.Corrupt(3, "b", "phantom");
        var overtaken = 0;
        group.BeforeAppend = entry =>
        {
            if (ShardEntryCodec.Head(entry).Kind == ShardEntryKind.Repair && overtaken++ == 0)
            {
                group.Write("a", "2");
            }
        };

        var report = group.Check();

        Assert.Equal((CheckOutcome.Repaired, 2), (report.Outcome, overtaken));
        Assert.Equal(("2", null), (group.Look(3, "a"), group.Look(3, "b")));
    }

    [Fact]
    public void Writes_under_way_are_waited_for_and_the_segment_is_held_meanwhile()
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.Corrupt(3, "b", "phantom");
        group.Core.Begin("test");
        for (var i = 0; i < 20 && group.Core.Held is null; i++)
        {
            group.UnderWay.Enqueue(MachineScript.Command(MachineScript.Segment, "a", "2"));
            group.Step();
        }

        Assert.Equal((CheckStep.Holding, MachineScript.Segment), (group.Core.Step, group.Core.Held));
        group.RunToEnd();

        Assert.Null(group.Core.Held);
        Assert.Equal(CheckOutcome.Repaired, group.Core.Last!.Outcome);
        Assert.Single(group.Log, e => ShardEntryCodec.Head(e).Kind == ShardEntryKind.Repair);
        Assert.Equal(("2", null), (group.Look(3, "a"), group.Look(3, "b")));
    }

    [Fact]
    public void No_entry_is_written_while_a_replica_does_not_say_that_it_knows_checks()
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.Deaf.Add(3);

        var report = group.Check();

        Assert.Equal(CheckOutcome.Incomplete, report.Outcome);
        Assert.Equal([new NodeId(3)], report.Silent);
        Assert.Single(group.Log);
    }

    [Fact]
    public void A_replica_that_falls_silent_is_named_and_the_others_are_compared()
    {
        var group = new CheckGroup();
        group.Write("a", "1");
        group.BeforeAppend = _ => group.Deaf.Add(2);

        var report = group.Check();

        Assert.Equal(CheckOutcome.Incomplete, report.Outcome);
        Assert.Equal([new NodeId(1), new NodeId(3)], report.Compared);
        Assert.Equal([new NodeId(2)], report.Silent);
    }

    [Fact]
    public void A_bucket_over_the_limit_is_not_repaired_and_says_so()
    {
        var group = new CheckGroup(options: new AntiEntropyOptions { MaxRepairBytes = 100 });
        group.Write("a", new string('x', 200));
        group.Corrupt(3, "a", "short");

        var report = group.Check();

        Assert.Equal(CheckOutcome.Unrepaired, report.Outcome);
        Assert.Contains("over the limit of 100", report.Listed[0].Result, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_equal_keys_are_compared_with_less_than_64_KiB_and_one_that_differs_too()
    {
        var group = new CheckGroup(replicas: 2);
        var key = new byte[8];
        for (var i = 0L; i < 1_000_000; i++)
        {
            BitConverter.TryWriteBytes(key, i);
            group.Table(1).Set(key, ValueKind.String, "0123456789"u8, 0);
            group.Table(2).Set(key, ValueKind.String, "0123456789"u8, 0);
        }

        var report = group.Check();

        Assert.Equal((CheckOutcome.Equal, 1_000_000L), (report.Outcome, report.Keys));
        Assert.InRange(group.Bytes, 1, 1024);

        group.Corrupt(2, "phantom", "1");
        var before = group.Bytes;
        Assert.Equal(CheckOutcome.Unrepaired, group.Check().Outcome);
        Assert.InRange(group.Bytes - before, 1, 64 << 10);
    }

    [Fact]
    public void An_hour_after_the_last_comparison_the_next_begins_by_itself()
    {
        var options = new AntiEntropyOptions { PeriodMs = 1000 };
        var machine = MachineScript.NewMachine(owned: true);
        var core = new AntiEntropyLeaderCore(machine, new NodeId(1), 1, options, 400, 0);
        var alone = new NodeAgent.Replicas.Core.GroupPicture(1, NodeAgent.Consensus.Core.ConfigurationState.OfVoters([1]), 0, 0, 0, []);

        Assert.Same(AntiEntropyWork.None, core.Look(alone, 399, 0));
        _ = core.Look(alone, 400, 0);
        Assert.Equal(CheckStep.Probing, core.Step);
        Assert.Equal(ShardEntryKind.Check, ShardEntryCodec.Head(core.Look(alone, 401, 0).Proposals[0]).Kind);
        core.OnCheck(1, 1, DigestPicture.Of(machine), 402);
        _ = core.Look(alone, 403, 0);

        Assert.Equal((CheckStep.Idle, CheckOutcome.Equal, "schedule", 1403L), (core.Step, core.Last!.Outcome, core.Last.By, core.NextAtMs));
    }

    [Fact]
    public void A_repair_survives_its_codec_and_applies_only_in_the_state_that_it_was_read_in()
    {
        var script = new MachineScript(owned: true);
        script.Write("a", "1");
        var entry = RepairEntry.Of(script.Replica, 1, 0);
        var read = RepairEntry.Read(entry.Encode())!;
        Assert.Equal((entry.Segment, entry.LastIndex, entry.Digest, 1, 0), (read.Segment, read.LastIndex, read.Digest, read.BucketCount, read.Bucket));
        Assert.True(entry.Content.Span.SequenceEqual(read.Content.Span));
        Assert.Null(RepairEntry.Read(entry.Encode()[..^1]));

        script.Replica.Table!.Set("b"u8, ValueKind.String, "phantom"u8, 0);
        Assert.Equal(ApplyOutcome.Applied, script.Apply(entry.Encode()));
        Assert.Null(script.Look("b"));
        script.Write("c", "3");
        Assert.Equal(ApplyOutcome.Nothing, script.Apply(entry.Encode()));
        script.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 40));
        Assert.Equal(ApplyOutcome.Nothing, script.Apply(RepairEntry.Of(script.Replica, 1, 0).Encode()));
        Assert.Equal("3", script.Look("c"));
    }

    [Fact]
    public void A_replica_that_was_recovered_from_a_later_checkpoint_has_no_picture_of_an_earlier_index()
    {
        var script = new MachineScript(owned: true);
        script.Write("a", "1");
        Assert.NotNull(DigestPicture.Of(script.Machine));

        Assert.True(script.Machine.TryRestore(MachineScript.Other, SegmentStateCodec.Encode(script.Machine.Segment(MachineScript.Other)), null, 5));

        Assert.Null(DigestPicture.Of(script.Machine));
    }

    [Fact]
    public void Pictures_are_equal_whatever_the_bucket_counts_and_differ_in_anything_that_is_replicated()
    {
        var (few, many) = (Filled(1 << 20), Filled(256));
        var (a, b) = (Picture(few), Picture(many));
        Assert.NotEqual(a.Buckets, b.Buckets);
        Assert.Equal(a.Root, b.Root);

        Assert.NotEqual(a.Root, Picture(Filled(256, m => m.Segment(MachineScript.Segment).Table!.SetExpiry("k1"u8, 99))).Root);
        Assert.NotEqual(a.Root, Picture(Filled(256, m => m.Segment(MachineScript.Segment).Fence = 3)).Root);
        Assert.NotEqual(a.Root, Picture(Filled(256, m => m.Segment(MachineScript.Other).State = SegmentState.Frozen)).Root);

        static DigestPicture Picture(ShardMachine machine) => DigestPicture.Of(machine)!;

        static ShardMachine Filled(int splitBytes, Action<ShardMachine>? change = null)
        {
            var machine = new ShardMachine(
                new ShardId(1), 64, [MachineScript.Segment, MachineScript.Other], null!, newTable: () => new SegmentTable(splitBytes: splitBytes));
            for (var i = 0; i < 200; i++)
            {
                machine.Segment(MachineScript.Segment).Table!.Set(Encoding.UTF8.GetBytes($"k{i}"), ValueKind.String, "value"u8, 0);
            }

            change?.Invoke(machine);
            return machine;
        }
    }
}
