using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Migration;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Consensus;

/// <summary>What a shard's replica writes and sends of its segments.</summary>
public sealed class SnapshotPartsTests
{
    private static readonly SnapshotMark Start = new(1, 1, ConfigurationState.OfVoters([1, 2, 3]));

    [Fact]
    public void A_segment_that_stands_later_than_the_replay_is_handed_on_as_of_where_it_stands()
    {
        // Restarted from a checkpoint at 4 and a log whose known commit is still 1; the value is that of entry 4, and entry 3 is not to be taken again.
        var machine = MachineScript.NewMachine(owned: true);
        Restore(machine, MachineScript.Segment, "7", appliedIndex: 4);
        machine.RestoreGroup(1, 0);
        var replica = NewReplica(machine);

        var part = replica.Encode(machine.Segment(MachineScript.Segment));

        Assert.Equal(4UL, part.AppliedIndex);
        Assert.Equal(1UL, replica.Encode(machine.Segment(MachineScript.Other)).AppliedIndex);

        // Whoever takes it skips what it holds.
        var receiver = MachineScript.NewMachine(owned: true);
        using var table = Table(part);
        Assert.True(receiver.TryRestore(part.Segment, part.State.Span, table, part.AppliedIndex));
        receiver.RestoreGroup(1, 0);
        Assert.Equal(ApplyOutcome.Nothing, receiver.Apply(Write(3, "6"), 2, null).Outcome);
        Assert.Equal("7", MachineScript.Look(receiver.Segment(MachineScript.Segment), "k"));
        Assert.Equal(ApplyOutcome.Applied, receiver.Apply(Write(5, "8"), 2, null).Outcome);
    }

    [Fact]
    public void After_the_replay_a_segment_is_handed_on_as_of_the_applied_index()
    {
        var machine = MachineScript.NewMachine(owned: true);
        Restore(machine, MachineScript.Segment, "7", appliedIndex: 4);
        machine.RestoreGroup(1, 0);
        machine.Apply(new Entry(1, 9, EntryKind.Normal, default), 2, null);

        Assert.Equal(9UL, NewReplica(machine).Encode(machine.Segment(MachineScript.Segment)).AppliedIndex);
    }

    private static void Restore(ShardMachine machine, SegmentId segment, string value, ulong appliedIndex) =>
        Assert.True(machine.TryRestore(segment, SegmentStateCodec.Encode(machine.Segment(segment)), MachineScript.Table(("k", value)), appliedIndex));

    private static Entry Write(ulong index, string value) => new(1, index, EntryKind.Normal, MachineScript.Command(MachineScript.Segment, "k", value));

    private static SegmentTable Table(SnapshotPart part)
    {
        var table = new SegmentTable();
        var decoder = new TableChunkDecoder();
        foreach (var chunk in part.Chunks)
        {
            Assert.NotEqual(ChunkOutcome.Damaged, decoder.Feed(chunk.Span, table));
        }

        return table;
    }

    // Only what is asked here is there: nothing runs, nothing is written.
    private static ShardReplica NewReplica(ShardMachine machine)
    {
        var options = new RaftLoopOptions();
        var log = new GroupLog(new HardState(1, 0, 1), Start);
        var core = new RaftCore(new RaftOptions { Id = 1, Random = new Random(1) }, log, log.Snapshot.Index);
        return new ShardReplica(machine, core, log, default, null!, new ShardServices(options, null!, null!, null!, new FakeLoad(), null!, TimeProvider.System, long.MaxValue));
    }
}
