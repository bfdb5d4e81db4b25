using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Replicas;

/// <summary>Members and replicas in the meta group's state machine.</summary>
public sealed class MetaReplicasTests
{
    private static readonly NodeId N1 = new(1), N2 = new(2), N3 = new(3), N4 = new(4);
    private readonly MetaMachine machine = new();
    private readonly GroupId group = new(3);
    private ulong index;

    public MetaReplicasTests()
    {
        Apply(new FoundCluster(1, Founding.Create("c", [Node(1), Node(2), Node(3)], 64, 1, null)));
    }

    [Fact]
    public void The_map_shows_what_the_group_reports_and_the_change_ends_with_it()
    {
        Assert.True(Apply(new MemberJoined(2, Node(4))).Accepted);
        var id = Set([N1, N2, N4]).MigrationId;
        Assert.Equal("1 2 3 led by 1", Shown());

        Report(id, 10, [N1, N2, N3], [N4]);
        Assert.Equal((ReplicaPhase.CatchingUp, "1 2 3 led by 1"), (machine.State.ReplicaChanges[id].Phase, Shown()));
        Report(id, 20, [N1, N2, N3, N4], []);
        Assert.Equal((ReplicaPhase.Changing, "1 2 3 4 led by 4"), (machine.State.ReplicaChanges[id].Phase, Shown()));
        var epoch = machine.State.Map.Epoch;
        Report(id, 30, [N1, N2, N4], []);

        Assert.Equal((epoch + 1, "1 2 4 led by 4"), (machine.State.Map.Epoch, Shown()));
        Assert.Empty(machine.State.ReplicaChanges);
        Assert.Equal(
            [ReplicaPhase.Requested, ReplicaPhase.CatchingUp, ReplicaPhase.Changing, ReplicaPhase.Done],
            Assert.Single(machine.State.EndedReplicaChanges).Log.Select(e => e.Phase));
        Assert.Equal("too-late", Report(id, 40, [N1], []).Error);
    }

    [Fact]
    public void Another_replica_is_named_preferred_leader_once_and_the_map_shows_it()
    {
        var epoch = machine.State.Map.Epoch;

        Assert.True(Lead(N3, N2).Accepted);
        Assert.Equal((epoch + 1, "1 2 3 led by 2"), (machine.State.Map.Epoch, Shown()));

        Assert.True(Lead(N3, N2).Accepted);
        Assert.Equal(epoch + 1, machine.State.Map.Epoch);
    }

    [Fact]
    public void Leadership_that_cannot_be_transferred_says_why()
    {
        Assert.Equal("stale", Lead(N1, N2).Error);
        Assert.Equal("replicas", Lead(N3, N4).Error);
        Assert.Equal("unknown-shard", Apply(new SetLeader(2, new ShardId(99), N1, N2, "me", "")).Error);
        Apply(new ChangeHalt(2, true, "me", "storm"));
        Assert.Equal("halted", Lead(N3, N2).Error);
        Apply(new ChangeHalt(3, false, "me", ""));
        Assert.Equal("1 2 3 led by 3", Shown());

        Apply(new MemberJoined(4, Node(4)));
        Assert.True(Set([N1, N2, N4]).Accepted);
        Assert.Equal("replicas-under-way", Lead(N1, N2).Error);
        Assert.Equal("1 2 3 led by 1", Shown());
    }

    [Fact]
    public void A_report_from_before_the_last_changes_nothing()
    {
        Apply(new MemberJoined(2, Node(4)));
        var id = Set([N1, N2, N4]).MigrationId;
        Report(id, 20, [N1, N2, N3, N4], []);

        Assert.Equal("stale", Report(id, 10, [N1, N2, N3], [N4]).Error);
        Assert.Equal(ReplicaPhase.Changing, machine.State.ReplicaChanges[id].Phase);
    }

    [Fact]
    public void A_cancelled_change_leads_back()
    {
        Apply(new MemberJoined(2, Node(4)));
        var id = Set([N1, N2, N4]).MigrationId;
        Report(id, 20, [N1, N2, N3, N4], []);
        Assert.True(Apply(new CancelReplicas(5, id, "me", "")).Accepted);
        Assert.Equal([N1, N2, N3], machine.State.ReplicaChanges[id].ToOrder(default).Target);

        Report(id, 30, [N1, N2, N3], []);
        Assert.Equal("1 2 3 led by 3", Shown());
        Assert.Equal(ReplicaPhase.Cancelled, Assert.Single(machine.State.EndedReplicaChanges).Phase);
    }

    [Fact]
    public void A_cancelled_change_ends_although_the_group_to_which_nobody_writes_has_nothing_newer_to_report()
    {
        Apply(new MemberJoined(2, Node(4)));
        var id = Set([N1, N2, N4]).MigrationId;
        Report(id, 20, [N1, N2, N3], []);
        Apply(new CancelReplicas(5, id, "me", ""));
        var core = new ReplicaMetaCore(machine, new ReplicaOptions());

        Assert.Equal("stale", Report(id, 20, [N1, N2], []).Error);
        core.OnMessage(N1, new ReplicasReport(group, id, 20, [N1, N2, N3], [N1, N2, N3], [], ""));
        var note = Assert.IsType<NoteReplicas>(Assert.Single(core.Look(_ => true, 0, 6).Proposals));

        Assert.True(Apply(note).Accepted);
        Assert.Equal(ReplicaPhase.Cancelled, Assert.Single(machine.State.EndedReplicaChanges).Phase);
    }

    [Fact]
    public void A_leader_that_does_not_know_yet_of_the_cancel_ends_nothing_by_its_report()
    {
        Apply(new MemberJoined(2, Node(4)));
        var id = Set([N1, N2, N4]).MigrationId;
        Apply(new CancelReplicas(3, id, "me", ""));

        Assert.Equal("stale", Apply(new NoteReplicas(4, id, 10, [N1, N2, N4], [N1, N2, N3], [])).Error);
        Assert.Contains(id, machine.State.ReplicaChanges.Keys);
        Assert.True(Report(id, 11, [N1, N2, N3], []).Accepted);
        Assert.Empty(machine.State.ReplicaChanges);
    }

    [Fact]
    public void Requests_that_do_not_fit_are_refused_with_their_reason()
    {
        Assert.Equal("not-member", Set([N1, N2, N4]).Error);
        Apply(new MemberJoined(2, Node(4)));
        Assert.Equal("stale", Set([N1, N2, N4], expected: [N1, N2]).Error);
        Assert.Equal("replicas", Set([]).Error);
        Assert.Equal("replicas", Set([N2, N1]).Error);
        Assert.Equal("replicas", Set([N1, N2, N3]).Error);
        Assert.Equal("unknown-shard", Apply(new SetReplicas(3, new GroupId(99), [], [N1], default, "me", "")).Error);
        Assert.Equal("replicas", Apply(new SetReplicas(3, group, [N1, N2, N3], [N1, N2], N4, "me", "")).Error);
        Apply(new DrainMember(3, N4, true, "me", ""));
        Assert.Equal("draining", Set([N1, N2, N4]).Error);
        Apply(new DrainMember(3, N4, false, "me", ""));

        var id = Set([N1, N2, N4]).MigrationId;
        Assert.Equal((true, id), (Set([N1, N2, N4]).Accepted, Set([N1, N2, N4]).MigrationId));
        Assert.Equal("replicas-under-way", Set([N1, N3, N4]).Error);
    }

    [Fact]
    public void Two_nodes_with_one_identity_or_one_name_are_refused_and_a_repeated_join_is_not()
    {
        Assert.True(Apply(new MemberJoined(2, Node(4))).Accepted);
        var epoch = machine.State.Map.Epoch;
        Assert.True(Apply(new MemberJoined(3, Node(4))).Accepted);
        Assert.Equal((4, epoch), (machine.State.Members.Length, machine.State.Map.Epoch));

        Assert.Equal("same-identity", Apply(new MemberJoined(4, Node(4) with { Addresses = new NodeAddresses("127.0.0.1", 9, 9, 9, 9) })).Error);
        Assert.Equal("name-taken", Apply(new MemberJoined(5, Node(5) with { Name = "n4" })).Error);
    }

    [Fact]
    public void A_member_leaves_only_when_it_holds_nothing()
    {
        Apply(new MemberJoined(2, Node(4)));
        Assert.Equal("not-empty", Apply(new MemberLeft(3, N3, "me", "")).Error);
        var id = Set([N1, N2, N4]).MigrationId;
        Assert.Equal("not-empty", Apply(new MemberLeft(3, N4, "me", "")).Error);
        Apply(new CancelReplicas(4, id, "me", ""));
        Report(id, 30, [N1, N2, N3], []);

        Assert.True(Apply(new MemberLeft(6, N4, "me", "")).Accepted);
        Assert.Equal([N1, N2, N3], machine.State.Members.Select(m => m.Id));
        Assert.Equal("not-member", Apply(new MemberLeft(7, N4, "me", "")).Error);
    }

    [Fact]
    public void The_meta_group_has_replicas_of_its_own()
    {
        Apply(new MemberJoined(2, Node(4)));
        var id = Apply(new SetReplicas(3, GroupId.Meta, [N1, N2, N3], [N1, N2, N4], default, "me", "")).MigrationId;
        var epoch = machine.State.Map.Epoch;
        Report(id, 30, [N1, N2, N4], []);

        Assert.Equal([N1, N2, N4], machine.State.ReplicasOf(GroupId.Meta));
        Assert.Equal(epoch, machine.State.Map.Epoch);
    }

    [Fact]
    public void A_snapshot_holds_changes_and_one_of_the_version_before_is_read()
    {
        Apply(new MemberJoined(2, Node(4)));
        Set([N1, N2, N4]);
        Apply(new DrainMember(3, N2, true, "me", ""));
        var restored = MetaState.Decode(machine.State.Encode())!;
        Assert.Equal(machine.State.Encode(), restored.Encode());

        var old = MetaState.Decode(System.Text.Encoding.UTF8.GetBytes(
            System.Text.Encoding.UTF8.GetString((machine.State with { MetaReplicas = [] }).Encode()).Replace("{\"version\":2", "{\"version\":1", StringComparison.Ordinal)))!;
        Assert.Equal([N1, N2, N3], old.ReplicasOf(GroupId.Meta));
    }

    [Fact]
    public void Draining_moves_replicas_away_a_few_at_a_time_and_its_end_takes_back_what_is_under_way()
    {
        Apply(new MemberJoined(2, Node(4)));
        Apply(new DrainMember(3, N3, true, "me", ""));
        var core = new ReplicaMetaCore(machine, new ReplicaOptions { MaxOwnChanges = 2 });

        var first = core.Look(_ => true, 1000, 1).Proposals.Cast<SetReplicas>().ToList();
        Assert.Equal([GroupId.Meta, new GroupId(1)], first.Select(s => s.Group));
        Assert.All(first, s => Assert.Equal<NodeId>([N1, N2, N4], s.Wanted));
        first.ForEach(s => Apply(s));
        Assert.Empty(core.Look(_ => true, 10_000, 1).Proposals);

        Apply(new DrainMember(4, N3, false, "me", ""));
        Assert.All(machine.State.ReplicaChanges.Values, c => Assert.True(c.IsCancelled));
    }

    [Fact]
    public void A_dead_node_is_replaced_after_the_grace_time_and_not_when_it_comes_back()
    {
        Apply(new MemberJoined(2, Node(4)));
        var core = new ReplicaMetaCore(machine, new ReplicaOptions { ReplaceDeadMs = 5000 });
        Assert.Empty(core.Look(n => n != N3, 1000, 1).Proposals);
        Assert.Empty(core.Look(_ => true, 3000, 1).Proposals);
        Assert.Empty(core.Look(n => n != N3, 4000, 1).Proposals);
        Assert.Empty(core.Look(n => n != N3, 8999, 1).Proposals);

        var moves = core.Look(n => n != N3, 9000, 1).Proposals.Cast<SetReplicas>().ToList();
        Assert.Equal(4, moves.Count);
        Assert.All(moves, s => Assert.Equal((N3, "1 2 4"), (s.Emptied, string.Join(' ', s.Wanted.Select(n => n.Value)))));
    }

    [Fact]
    public void New_kinds_of_commands_are_allowed_when_every_member_has_said_that_it_reads_them_also_one_that_is_away()
    {
        var core = new ReplicaMetaCore(machine, new ReplicaOptions { RepeatMs = 300 });
        core.OnMessage(N1, new SaysLevel(MetaCommand.NewestLevel));
        core.OnMessage(N2, new SaysLevel(MetaCommand.NewestLevel + 1));
        Assert.Empty(core.Look(n => n != N3, 1000, 1).Proposals);

        core.OnMessage(N3, new SaysLevel(MetaCommand.NewestLevel));
        var raise = Assert.IsType<RaiseLevel>(Assert.Single(core.Look(n => n != N3, 2000, 1).Proposals));
        Assert.Equal(MetaCommand.NewestLevel, raise.To);
        Apply(raise);
        Assert.Empty(core.Look(_ => true, 3000, 1).Proposals);
    }

    private static Member Node(int i) => new(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4));

    private MetaAnswer Lead(NodeId expected, NodeId leader) => Apply(new SetLeader(2, group.Shard, expected, leader, "me", "hot"));

    private string Shown() => machine.State.Map.Find(group.Shard) is { } shard ? $"{string.Join(' ', shard.Replicas.Select(n => n.Value))} led by {shard.PreferredLeader.Value}" : "";

    private MetaAnswer Report(ulong id, ulong at, ImmutableArray<NodeId> voters, ImmutableArray<NodeId> learners) =>
        Apply(new NoteReplicas(4, id, at, machine.State.ReplicaChanges.GetValueOrDefault(id)?.Target ?? [], voters, learners));

    private MetaAnswer Set(ImmutableArray<NodeId> wanted, ImmutableArray<NodeId>? expected = null) =>
        Apply(new SetReplicas(3, group, expected ?? machine.State.ReplicasOf(group), wanted, default, "me", "because"));

    private MetaAnswer Apply(MetaCommand command) => machine.Apply(new Entry(1, ++index, EntryKind.Normal, command.Encode())).Answer;
}
