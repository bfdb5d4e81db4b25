using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

/// <summary>How the time for which a segment was closed comes from its source into M's log while the migration is retained.</summary>
public sealed class ClosedTests
{
    private const ulong Migration = 3;
    private static readonly ShardId Source = new(1);
    private static readonly ShardId Target = new(2);

    [Fact]
    public void A_source_says_it_when_the_target_serves_and_again_with_every_look_until_it_is_noted()
    {
        var script = new MachineScript(owned: true);
        var leader = new ShardLeaderCore(script.Machine, 1, new MigrationOptions(), new CopyBudget(1, 0), 0);
        Push(leader, MigrationPhase.CuttingOver, 0, 1, 0);
        script.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, Migration));
        leader.Tick(1000);
        Push(leader, MigrationPhase.Retaining, 9, 2, 2000);
        Assert.Empty(Said(leader, 2000));

        leader.OnMessage(new ShardMessage(GroupId.Of(Target), GroupId.Of(Source), new TargetServes(Migration, MachineScript.Segment)), 4500);
        Assert.Equal([3500], Said(leader, 4500));
        Assert.Empty(Said(leader, 5000));
        Answer(leader, 1, 1_000_000);
        Assert.Equal([3500], Said(leader, 1_000_000));

        leader.OnMessage(new ShardMessage(GroupId.Meta, GroupId.Of(Source), new ClosedNoted(Migration)), 1_500_000);
        Answer(leader, 2, 2_000_000);
        Assert.Empty(Said(leader, 2_000_000));
    }

    [Fact]
    public void M_notes_it_once_and_only_when_every_member_reads_the_command()
    {
        var machine = new MetaMachine();
        var index = 0UL;
        void Apply(MetaCommand command) => machine.Apply(new Entry(1, ++index, EntryKind.Normal, command.Encode()));
        var members = Enumerable.Range(1, 3)
            .Select(i => new Member(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4))).ToList();
        Apply(new FoundCluster(1, Founding.Create("c", members, 64, 1, null)));
        var from = machine.State.Map.OwnerOf(MachineScript.Segment);
        Apply(new BeginMigration(1, "p", 1, MachineScript.Segment, from, machine.State.Map.Shards.First(s => s.Id != from).Id, "me", ""));
        var id = index;
        foreach (var command in new MetaCommand[] { new AdmitMigration(2, id), new NoteImporting(3, id), new NoteVerified(4, id), new AllowCutOver(5, id), new CommitMigration(6, id, 17) })
        {
            Apply(command);
        }

        var leader = new MetaLeaderCore(machine, new MigrationOptions(), 0, 1);
        var said = new ShardMessage(GroupId.Of(from), GroupId.Meta, new ProposeToMeta(new NoteClosed(0, id, 2500)));
        leader.OnMessage(said, 1000);
        Assert.Empty(leader.TakeWork().Proposals);

        Apply(new RaiseLevel(7, MetaCommand.NewestLevel));
        leader.OnMessage(said, 2000);
        Apply(Assert.IsType<NoteClosed>(Assert.Single(leader.TakeWork().Proposals)));
        Assert.Equal(2500, machine.State.Migrations[id].ClosedMicros);

        leader.OnMessage(said, 3000);
        var work = leader.TakeWork();
        Assert.Empty(work.Proposals);
        Assert.Equal([new ShardMessage(GroupId.Meta, GroupId.Of(from), new ClosedNoted(id))], work.Messages);
    }

    private static MigrationOrder Order(MigrationPhase phase, ulong epoch) =>
        new(Migration, MachineScript.Segment, Source, Target, 0, phase, true, false, true, epoch, false, false, false);

    private static void Push(ShardLeaderCore leader, MigrationPhase phase, ulong epoch, ulong index, long nowMicros) => leader.OnMessage(
        new ShardMessage(GroupId.Meta, GroupId.Of(Source), new RecordsPushed(index, [Order(phase, epoch)], new CopyLimits(1, 1, false))), nowMicros);

    private static void Answer(ShardLeaderCore leader, ulong question, long nowMicros) => leader.OnMessage(
        new ShardMessage(GroupId.Meta, GroupId.Of(Source), new RecordsAnswer(question, 10 + question, [Order(MigrationPhase.Retaining, 9)], new CopyLimits(1, 1, false))), nowMicros);

    private static List<long> Said(ShardLeaderCore leader, long nowMicros) =>
        [.. leader.TakeWork(nowMicros).Messages.Select(m => m.Body).OfType<ProposeToMeta>().Select(p => p.Command).OfType<NoteClosed>().Select(c => c.Micros)];
}
