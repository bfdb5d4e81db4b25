using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>What the core adds to the paper: batching, flow control, reads, snapshots, membership, transfer.</summary>
public sealed class RaftCoreTests
{
    [Fact]
    public void Many_proposals_make_one_append_message_per_follower()
    {
        var group = new TestGroup(3).Elect(1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(group[1].Propose($"{i}"));
        }

        var ready = group[1].Core.TakeReady();

        Assert.Equal([(2UL, 1000), (3UL, 1000)], ready.Early.Cast<AppendRequest>().Select(m => (m.To, m.Entries.Count)));
        Assert.Equal(1000, ready.Entries.Count);
    }

    [Fact]
    public void Proposals_are_refused_by_a_follower_and_over_the_uncommitted_limit_and_taken_again_when_applied()
    {
        var group = new TestGroup(3, with: o => o with { MaxUncommittedBytes = 10 }).Elect(1);

        Assert.False(group[2].Propose("x"));
        Assert.True(group[1].Propose("12345678901234567890"));
        Assert.False(group[1].Propose("x"));
        group.Settle();

        Assert.True(group[1].Propose("x"));
    }

    [Fact]
    public void No_more_messages_and_bytes_are_on_their_way_than_the_limits_allow()
    {
        var leader = new TestReplica(TestReplica.Options(1) with { MaxInflightMessages = 3, MaxMessageBytes = 4 }, ConfigurationState.OfVoters([1, 2])).Lead(0, 2);
        leader.Answer(new AppendResponse(2, 1, 1, 1, false, 0, 0));
        for (var i = 0; i < 10; i++)
        {
            leader.Propose("1234");
        }

        Assert.Equal([2UL, 3UL, 4UL], leader.Work().Cast<AppendRequest>().Select(m => Assert.Single(m.Entries).Index));
        Assert.Equal([5UL, 6UL], leader.Answer(new AppendResponse(2, 1, 1, 3, false, 0, 0)).Cast<AppendRequest>().Select(m => Assert.Single(m.Entries).Index));
    }

    [Fact]
    public void An_entry_that_was_replaced_while_it_was_being_persisted_is_not_taken_for_stable()
    {
        var replica = TestReplica.Of(1, 3);
        replica.Core.Step(new AppendRequest(2, 1, 1, 0, 0, [new Entry(1, 1, EntryKind.Normal, default), new Entry(1, 2, EntryKind.Normal, default)], 0), 0);
        var ready = replica.Core.TakeReady();
        replica.Core.Step(new AppendRequest(3, 1, 2, 1, 1, [new Entry(2, 2, EntryKind.Normal, default)], 0), 0);
        replica.Persist(ready);
        replica.Core.Advance(ready);

        replica.Work();

        Assert.Equal([1UL, 2UL], replica.Terms);
    }

    [Fact]
    public void A_leader_counts_its_own_entry_only_once_it_is_persisted()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        leader.Propose("x");
        var ready = leader.Core.TakeReady();
        leader.Core.Step(new AppendResponse(2, 1, 1, 2, false, 0, 0), 0);
        Assert.Equal(1UL, leader.Core.Commit);

        leader.Persist(ready);
        leader.Core.Advance(ready);

        Assert.Equal(2UL, leader.Core.Commit);
    }

    [Fact]
    public void All_reads_until_the_next_round_share_it_and_are_answered_only_by_a_quorum()
    {
        var group = new TestGroup(3).Elect(1);
        group.Cut.UnionWith([2, 3]);
        Assert.True(group[1].Core.TryReadIndex(7, group.Now));
        Assert.True(group[1].Core.TryReadIndex(8, group.Now));
        group.Sent.Clear();
        group.Settle();
        Assert.Equal(2, group.Sent.OfType<HeartbeatRequest>().Count());
        Assert.Empty(group[1].Reads);

        group.Cut.Remove(3);
        group.Pass(1);

        Assert.Equal([new ReadState(1, 7), new ReadState(1, 8)], group[1].Reads);
    }

    [Fact]
    public void A_read_is_not_confirmed_by_answers_to_an_earlier_round()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        leader.Answer(new AppendResponse(2, 1, 1, 1, false, 0, 0));
        leader.Core.Tick(100);
        var earlier = leader.Work().OfType<HeartbeatRequest>().Last().Round;
        leader.Core.TryReadIndex(7, 150);

        leader.Answer(new HeartbeatResponse(2, 1, 1, earlier), 160);
        Assert.Empty(leader.Reads);
        leader.Answer(new HeartbeatResponse(2, 1, 1, earlier + 1), 170);

        Assert.Equal([new ReadState(1, 7)], leader.Reads);
    }

    [Fact]
    public void A_new_leader_refuses_reads_until_an_entry_of_its_term_is_committed_and_the_only_voter_answers_at_once()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        Assert.False(leader.Core.TryReadIndex(1, 0));
        var only = TestReplica.Of(1, 1).Lead();

        Assert.True(only.Core.TryReadIndex(1, 0));
        only.Work();

        Assert.Equal([new ReadState(1, 1)], only.Reads);
    }

    [Fact]
    public void A_leader_that_hears_from_no_quorum_steps_down()
    {
        var group = new TestGroup(3).Elect(1);
        group.Cut.Add(1);
        var now = 0L;

        group[1].Ticks(19, ref now);
        Assert.Equal(RaftRole.Leader, group[1].Core.Role);
        group[1].Ticks(1, ref now);

        Assert.Equal((RaftRole.Follower, 1UL, 0UL), (group[1].Core.Role, group[1].Core.Term, group[1].Core.Leader));
    }

    [Fact]
    public void A_replica_that_was_cut_off_raises_no_term_and_disturbs_nobody_when_it_returns()
    {
        var group = new TestGroup(3, with: o => o with { PreVote = true }).Elect(1);
        group.Cut.Add(3);
        group.Pass(60);
        Assert.Equal((RaftRole.PreCandidate, 1UL), (group[3].Core.Role, group[3].Core.Term));

        group.Cut.Clear();
        group.Pass(5);

        Assert.Equal([(RaftRole.Leader, 1UL), (RaftRole.Follower, 1UL), (RaftRole.Follower, 1UL)], group.All.Select(r => (r.Core.Role, r.Core.Term)));
    }

    [Fact]
    public void A_follower_behind_the_leaders_log_is_told_to_fetch_a_snapshot_and_then_streams()
    {
        var group = new TestGroup(3).Elect(1);
        group.Cut.Add(3);
        group[1].Propose("a");
        group[1].Propose("b");
        group.Settle();
        group[1].Log.SetSnapshot(new SnapshotMark(3, 1, group[1].Core.Configuration));
        group[1].Log.CompactTo(3);
        group.Cut.Clear();
        group.Sent.Clear();

        group.Pass(12);
        group[1].Propose("c");
        group.Settle();

        Assert.Equal(3UL, Assert.Single(group.Sent.OfType<SnapshotRequest>()).Mark.Index);
        Assert.Equal(4UL, group[3].Core.Applied);
        Assert.Equal(["c"], group[3].Texts);
        Assert.Equal(ProgressState.Replicate, group[1].Core.Status().Peers[2].State);
    }

    [Fact]
    public void A_failed_snapshot_is_tried_again_after_a_heartbeat()
    {
        var leader = TestReplica.Of(1, 2).Lead(0, 2);
        leader.Log.SetSnapshot(new SnapshotMark(1, 1, leader.Core.Configuration));
        leader.Log.CompactTo(1);
        var told = leader.Answer(new AppendResponse(2, 1, 1, 0, true, 0, 0));
        Assert.Equal(1UL, Assert.IsType<SnapshotRequest>(Assert.Single(told)).Mark.Index);

        leader.Core.ReportSnapshot(2, succeeded: false);
        Assert.Empty(leader.Work());
        var again = leader.Answer(new HeartbeatResponse(2, 1, 1, 1));

        Assert.Equal(told, again);
    }

    [Fact]
    public void Voters_are_added_and_removed_one_at_a_time_and_a_second_change_waits_for_the_first()
    {
        var group = new TestGroup(1, others: 2).Elect(1);

        Assert.True(Change(group[1], ConfigurationChange.AddVoter(2)));
        Assert.False(Change(group[1], ConfigurationChange.AddVoter(3)));
        group.Settle();
        Assert.True(Change(group[1], ConfigurationChange.AddLearner(3)));
        group.Settle();
        group.Pass(2);

        Assert.All(group.All, r => Assert.Equal("voters=(1 2) learners=(3)", r.Core.Configuration.ToString()));
        Assert.False(Change(group[1], ConfigurationChange.Leave));
    }

    [Fact]
    public void A_learner_takes_entries_but_counts_for_no_quorum_and_leads_only_once_it_was_promoted()
    {
        var group = new TestGroup(3, others: 1).Elect(1);
        Assert.True(group[1].Core.TryPropose(EntryKind.Configuration, ConfigurationChange.AddLearner(4).Encode(), out _, out _));
        group.Settle();
        Assert.Equal([4UL], group[1].Core.Configuration.Learners);
        Assert.Equal(group[1].Core.LastIndex, group[4].Core.LastIndex);

        group.Cut.UnionWith([2, 3]);
        var before = group[1].Core.Commit;
        Assert.True(group[1].Propose("x"));
        group.Settle();
        group[4].Core.Campaign(group.Now + 100_000);
        Assert.Equal((before, group[1].Core.LastIndex, RaftRole.Follower), (group[1].Core.Commit, group[4].Core.LastIndex, group[4].Core.Role));

        group.Cut.Clear();
        group.Pass(2);
        Assert.True(group[1].Core.TryPropose(EntryKind.Configuration, ConfigurationChange.AddVoter(4).Encode(), out _, out _));
        group.Settle();
        group.Pass(2);
        Assert.Equal("voters=(1 2 3 4)", group[4].Core.Configuration.ToString());
        group[1].Core.TransferLeadership(4, group.Now);
        group.Settle();
        Assert.Equal(RaftRole.Leader, group[4].Core.Role);
    }

    [Fact]
    public void Bytes_on_their_way_are_limited_too()
    {
        var leader = new TestReplica(TestReplica.Options(1) with { MaxInflightBytes = 6, MaxMessageBytes = 4 }, ConfigurationState.OfVoters([1, 2])).Lead(0, 2);
        leader.Answer(new AppendResponse(2, 1, 1, 1, false, 0, 0));
        for (var i = 0; i < 10; i++)
        {
            leader.Propose("1234");
        }

        Assert.Equal([2UL, 3UL], leader.Work().OfType<AppendRequest>().Select(m => Assert.Single(m.Entries).Index));
        Assert.Equal([4UL], leader.Answer(new AppendResponse(2, 1, 1, 2, false, 0, 0)).OfType<AppendRequest>().Select(m => Assert.Single(m.Entries).Index));
    }

    [Fact]
    public void Several_voters_are_replaced_through_a_joint_configuration_that_is_left_by_itself()
    {
        var group = new TestGroup(3, others: 2).Elect(1);

        Assert.True(Change(group[1], new ConfigurationChange(ConfigurationTransition.Auto,
        [
            new(ConfigurationChangeKind.Remove, 2), new(ConfigurationChangeKind.Remove, 3), new(ConfigurationChangeKind.AddVoter, 4), new(ConfigurationChangeKind.AddVoter, 5),
        ])));
        group.Settle();
        group.Pass(2);

        Assert.All([group[1], group[4], group[5]], r => Assert.Equal("voters=(1 4 5)", r.Core.Configuration.ToString()));
    }

    [Fact]
    public void An_explicit_joint_configuration_stays_until_it_is_told_to_end()
    {
        var group = new TestGroup(3, others: 1).Elect(1);
        Change(group[1], new ConfigurationChange(ConfigurationTransition.JointExplicit, [new(ConfigurationChangeKind.AddVoter, 4)]));
        group.Settle();
        group.Pass(2);
        Assert.Equal("voters=(1 2 3 4)&&(1 2 3)", group[4].Core.Configuration.ToString());

        Assert.False(Change(group[1], ConfigurationChange.AddVoter(5)));
        Assert.True(Change(group[1], ConfigurationChange.Leave));
        group.Settle();
        group.Pass(2);

        Assert.All(group.All, r => Assert.Equal("voters=(1 2 3 4)", r.Core.Configuration.ToString()));
    }

    [Fact]
    public void A_leader_that_removes_itself_steps_down_and_the_others_elect_one_of_them()
    {
        var group = new TestGroup(3).Elect(1);

        Change(group[1], ConfigurationChange.Remove(1));
        group.Settle();
        Assert.Equal(RaftRole.Follower, group[1].Core.Role);
        group.Pass(45);

        Assert.Contains(group.Leader.Core.Id, new ulong[] { 2, 3 });
        Assert.Equal("voters=(2 3)", group.Leader.Core.Configuration.ToString());
        Assert.NotEqual(RaftRole.Candidate, group[1].Core.Role);
    }

    [Fact]
    public void Leadership_is_handed_to_a_follower_only_when_it_has_caught_up()
    {
        var group = new TestGroup(3).Elect(1);
        group.Cut.Add(3);
        group[1].Propose("a");
        group.Settle();
        group.Cut.Clear();
        group.Sent.Clear();

        group[1].Core.TransferLeadership(3, group.Now);
        Assert.Empty(group[1].Core.TakeEarly().OfType<TimeoutNowRequest>());
        group.Pass(3);

        Assert.Equal((3UL, 2UL), (group.Leader.Core.Id, group.Leader.Core.Term));
        Assert.Equal(["a"], group[3].Texts);
    }

    [Fact]
    public void A_leader_knows_who_left_in_its_term_and_an_answer_of_the_deleted_copy_counts_for_nothing_once_it_has_renewed_its_term()
    {
        var group = new TestGroup(3).Elect(1);
        group[1].Propose("a");
        group.Settle();
        Assert.True(Change(group[1], ConfigurationChange.Remove(3)));
        group.Settle();
        Assert.Equal([3UL], group[1].Core.LeftInTerm);
        var (term, late) = (group[1].Core.Term, new AppendResponse(3, 1, group[1].Core.Term, 2, false, 0, 0));
        group.Cut.Add(3);

        group[1].Core.RenewTerm(group.Now);
        group.Settle();
        Assert.Equal((1UL, term + 1), (group.Leader.Core.Id, group.Leader.Core.Term));
        Assert.Empty(group[1].Core.LeftInTerm);
        Assert.True(Change(group[1], new ConfigurationChange(ConfigurationTransition.Auto, [new(ConfigurationChangeKind.AddLearner, 3)])));
        group.Settle();
        group[1].Answer(late);

        Assert.Equal(0UL, group[1].Core.Status().Peers.Single(p => p.Id == 3).Match);
    }

    [Fact]
    public void A_leader_does_not_renew_its_term_while_it_hands_over()
    {
        var group = new TestGroup(3).Elect(1);
        group.Cut.Add(2);
        group[1].Propose("a");
        group.Settle();
        group[1].Core.TransferLeadership(2, group.Now);

        group[1].Core.RenewTerm(group.Now);

        Assert.Equal((RaftRole.Leader, 1UL), (group[1].Core.Role, group[1].Core.Term));
    }

    [Fact]
    public void A_copy_that_knows_the_term_of_the_leader_that_opened_it_takes_nothing_that_was_sent_to_the_deleted_one()
    {
        var copy = new TestReplica(TestReplica.Options(3), ConfigurationState.Empty, new HardState(5, 1, 0));

        copy.Answer(new HeartbeatRequest(2, 3, 4, 32, 40, 7));
        var answers = copy.Answer(new AppendRequest(2, 3, 4, 0, 0, [new Entry(4, 1, EntryKind.Normal, default)], 0));

        Assert.Equal((5UL, 0UL, 0UL), (copy.Core.Term, copy.Core.LastIndex, copy.Core.Leader));
        Assert.All(answers, a => Assert.Equal(5UL, a.Term));
    }

    [Fact]
    public void A_follower_knows_how_far_behind_its_leader_it_was_when_it_last_heard_from_it()
    {
        var follower = TestReplica.Of(2, 3);
        Assert.Null(follower.Core.HeardAt);

        follower.Answer(new HeartbeatRequest(1, 2, 1, 0, 9, 1), 300);

        Assert.Equal((300L, 9UL, 0UL), (follower.Core.HeardAt, follower.Core.HeardCommit, follower.Core.Applied));
    }

    private static bool Change(TestReplica replica, ConfigurationChange change) =>
        replica.Core.TryPropose(EntryKind.ConfigurationV2, change.Encode(), out _, out _);
}
