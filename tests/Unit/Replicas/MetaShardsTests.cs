using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Replicas;

/// <summary>Shards that come with a node and go with it, in the meta group's log and in its leader's duties. Three founders with two shards each, replication 3; n4 joins.</summary>
public sealed class MetaShardsTests
{
    private static readonly NodeId N1 = new(1), N4 = new(4);
    private static readonly ShardId S7 = new(7), S8 = new(8);
    private readonly MetaMachine machine = new();
    private readonly ReplicaMetaCore core;
    private ulong index;
    private long now = 1000;

    public MetaShardsTests()
    {
        core = new ReplicaMetaCore(machine, new ReplicaOptions { ReplaceDeadMs = 5000, RepeatMs = 300 });
        Apply(new FoundCluster(1, Founding.Create("c", [Node(1), Node(2), Node(3)], 64, 2, null)));
    }

    private MetaState State => machine.State;

    [Fact]
    public void Shards_are_born_with_a_node_as_their_only_voter_in_the_entry_that_takes_it_in()
    {
        var epoch = State.Map.Epoch;
        Join();

        Assert.Equal(["s-07 at 4 led by 4", "s-08 at 4 led by 4"], Shown());
        Assert.True(State.Map.Epoch > epoch);
        Assert.Equal([(S7, false), (S8, false)], State.Births.Select(b => (b.Shard, b.IsOpen)));

        // A join that is applied twice bears nothing twice.
        Join();
        Assert.Equal(8, State.Map.Shards.Length);
        Assert.Equal(State.Encode(), MetaState.Decode(State.Encode())!.Encode());
    }

    [Fact]
    public void A_join_that_bears_shards_and_a_drain_that_takes_them_need_the_level_at_which_every_member_reads_them()
    {
        Assert.Equal((1, 3), (new MemberJoined(1, Node(4)).Level, new MemberJoined(1, Node(4)) { Shards = 2 }.Level));
        Assert.Equal((1, 3), (new DrainMember(1, N4, true, "me", "").Level, new DrainMember(1, N4, true, "me", "") { Retires = [S7] }.Level));
        Assert.Equal((3, 3), (new NoteBorn(1, S7).Level, new RemoveShard(1, S7, "me", "").Level));
    }

    [Fact]
    public void The_node_is_told_to_open_its_shards_until_that_is_noted_and_then_they_get_their_other_replicas()
    {
        Join();
        var orders = core.Look(_ => true, now, 1).Orders;
        Assert.Equal([(N4, new GroupId(7)), (N4, new GroupId(8))], orders.Select(o => (o.To, o.Message.Group)));
        var order = Assert.IsType<BearShard>(orders[0].Message);
        Assert.Equal("not-born", Begin(S7).Error);
        Assert.Equal("not-born", Set([N1, N4]).Error);

        core.OnMessage(N4, new ShardBorn(new GroupId(7), order.Birth));
        Take(Look().OfType<NoteBorn>());
        Assert.Equal([(S7, true), (S8, false)], State.Births.Select(b => (b.Shard, b.IsOpen)));
        Assert.Equal("not-born", Begin(S7).Error);

        var widening = Assert.Single(Look().OfType<SetReplicas>());
        Assert.Equal((3, true, N4), (widening.Wanted.Length, widening.Wanted.Contains(N4), widening.PreferredLeader));
        Take([widening]);
        var change = Assert.Single(State.ReplicaChanges.Values);
        Apply(new NoteReplicas(9, change.Id, 5, change.Target, change.Wanted, []));

        Assert.Equal([S8], State.Births.Select(b => b.Shard));
        Assert.True(Begin(S7).Accepted);
    }

    [Fact]
    public void An_answer_to_another_birth_notes_nothing()
    {
        Join();
        core.OnMessage(N4, new ShardBorn(new GroupId(7), 999));

        Assert.Empty(Look().OfType<NoteBorn>());
    }

    [Fact]
    public void What_widens_goes_to_members_that_hold_least_and_counts_what_was_chosen_in_the_same_look()
    {
        Born();
        var widenings = Look().OfType<SetReplicas>().ToList();

        Assert.Equal(2, widenings.Count);
        Assert.Equal(3, widenings.SelectMany(w => w.Wanted).Where(n => n != N4).Distinct().Count());
    }

    [Fact]
    public void A_widening_towards_a_node_that_died_goes_back()
    {
        Born();
        Take(Look().OfType<SetReplicas>());
        var dead = State.ReplicaChanges.Values.First().Wanted.First(n => n != N4);
        _ = core.Look(n => n != dead, now, 1);
        now += 6000;

        var cancelled = core.Look(n => n != dead, now, 1).Proposals.OfType<CancelReplicas>().Select(c => c.Change).ToList();
        Assert.Equal(State.ReplicaChanges.Values.Where(c => c.Wanted.Contains(dead)).Select(c => c.Id), cancelled);
    }

    [Fact]
    public void A_shard_goes_when_its_node_is_drained_with_it_and_it_owns_nothing_and_nothing_names_it()
    {
        Wide();
        machine.Restore(State with { Map = State.Map.Apply(new SegmentMoved(new SegmentId(5), S7, "its share")) });
        Apply(new DrainMember(3, N4, true, "me", "") { Retires = [S7, S8] });
        Assert.Equal([S7, S8], State.Retiring);
        Assert.Equal("retiring", Begin(S8).Error);

        // The replicas of what goes stay where they are.
        var look = Look();
        Assert.DoesNotContain(look.OfType<SetReplicas>(), s => s.Group.Shard == S7 || s.Group.Shard == S8);
        Assert.Equal([S8], look.OfType<RemoveShard>().Select(r => r.Shard));
        Assert.Equal("shard-stays", Apply(new RemoveShard(4, S7, "me", "")).Error);
        Take(look.OfType<RemoveShard>());
        Assert.Null(State.Map.Find(S8));

        // Its number is never given again.
        Apply(new MemberJoined(5, Node(5)) { Shards = 1 });
        Assert.NotNull(State.Map.Find(new ShardId(9)));
    }

    [Fact]
    public void A_drain_that_ends_lets_its_shards_stay()
    {
        Wide();
        Apply(new DrainMember(3, N4, true, "me", "") { Retires = [S7, S8] });
        Apply(new DrainMember(4, N4, false, "me", ""));

        Assert.Empty(State.Retiring);
        Assert.Equal("shard-stays", Apply(new RemoveShard(5, S8, "me", "")).Error);
    }

    [Fact]
    public void What_goes_keeps_its_replicas_and_its_leader_unless_its_node_is_dead_and_then_it_stays()
    {
        Wide();
        Apply(new DrainMember(3, N4, true, "me", "") { Retires = [S7, S8] });
        var other = State.ReplicasOf(GroupId.Of(S7)).First(n => n != N4);
        Assert.Equal("retiring", Set([N4]).Error);
        Assert.Equal("retiring", Apply(new SetLeader(4, S7, N4, other, "me", "")).Error);

        _ = core.Look(n => n != N4, now, 1);
        now += 6000;
        Take(core.Look(n => n != N4, now, 1).Proposals.OfType<SetReplicas>().Where(s => s.Group.Shard == S7 && !s.Wanted.Contains(N4)));
        Assert.DoesNotContain(S7, State.Retiring);
    }

    [Fact]
    public void Shards_of_others_and_the_last_ones_do_not_go()
    {
        Wide();
        Apply(new DrainMember(3, N4, true, "me", "") { Retires = [new ShardId(1), S7] });
        Assert.Equal([S7], State.Retiring);

        Apply(new DrainMember(4, N1, true, "me", "") { Retires = [.. State.Map.Shards.Select(s => s.Id)] });
        Assert.DoesNotContain(State.Map.Shards, s => s.PreferredLeader != N1 && s.PreferredLeader != N4 && State.Retiring.Contains(s.Id));
    }

    [Fact]
    public void A_shard_that_its_node_never_opened_goes_when_the_node_is_drained_or_long_dead()
    {
        Join();
        Assert.Empty(Look().OfType<RemoveShard>());
        _ = core.Look(n => n != N4, now, 1);
        now += 6000;

        Take(core.Look(n => n != N4, now, 1).Proposals.OfType<RemoveShard>());
        Assert.Equal(6, State.Map.Shards.Length);
        Assert.Empty(State.Births);
    }

    [Fact]
    public void Only_of_a_removed_shard_is_a_node_told_that_its_copy_may_go()
    {
        Born();
        Assert.Null(core.Answer(new AskExists(new GroupId(7), 3)));
        Assert.Null(core.Answer(new AskExists(new GroupId(99), 3)));

        Wide();
        Apply(new DrainMember(3, N4, true, "me", "") { Retires = [S8] });
        Apply(new RemoveShard(4, S8, "me", ""));
        Assert.Equal(new ShardGone(new GroupId(8), 3), core.Answer(new AskExists(new GroupId(8), 3)));
    }

    private void Join() => Assert.True(Apply(new MemberJoined(2, Node(4)) { Shards = State.ShardsPerNode }).Accepted);

    private void Born()
    {
        Join();
        Apply(new NoteBorn(3, S7));
        Apply(new NoteBorn(3, S8));
    }

    private void Wide()
    {
        if (State.Births.IsEmpty && State.Map.Find(S7) is null)
        {
            Born();
        }

        foreach (var set in Look().OfType<SetReplicas>().ToList())
        {
            Apply(set);
            var change = State.ChangeOf(set.Group)!;
            Apply(new NoteReplicas(4, change.Id, 5, change.Target, change.Wanted, []));
        }

        Assert.Empty(State.Births);
    }

    private List<MetaCommand> Look() => [.. core.Look(_ => true, now += 1000, 1).Proposals];

    private void Take(IEnumerable<MetaCommand> commands)
    {
        foreach (var command in commands.ToList())
        {
            Assert.True(Apply(command).Accepted);
        }
    }

    private MetaAnswer Begin(ShardId to) => Apply(new BeginMigration(5, $"p{index}", 1, new SegmentId(0), State.Map.OwnerOf(new SegmentId(0)), to, "me", ""));

    private MetaAnswer Set(ImmutableArray<NodeId> wanted) => Apply(new SetReplicas(3, GroupId.Of(S7), State.ReplicasOf(GroupId.Of(S7)), wanted, default, "me", ""));

    private string[] Shown() => [.. State.Map.Shards.Skip(6).Select(s => $"{s.Id} at {string.Join(' ', s.Replicas.Select(n => n.Value))} led by {s.PreferredLeader.Value}")];

    private static Member Node(int i) => new(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4));

    private MetaAnswer Apply(MetaCommand command) => machine.Apply(new Entry(1, ++index, EntryKind.Normal, command.Encode())).Answer;
}
