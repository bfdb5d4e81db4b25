using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>The lease: from the sending of a round that a quorum answered, for 0.8 of the shortest election timeout, and what voters owe to it.</summary>
public sealed class RaftLeaseTests
{
    [Fact]
    public void The_lease_runs_from_the_sending_of_the_round_not_from_its_answer()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        Assert.Equal(0, leader.Core.LeaseUntil);
        leader.Core.Tick(100);
        var round = leader.Work().OfType<HeartbeatRequest>().Last().Round;

        leader.Answer(new HeartbeatResponse(3, 1, 1, round), 750);

        Assert.Equal(100 + 800, leader.Core.LeaseUntil);
    }

    [Fact]
    public void The_answer_to_an_older_round_gives_only_the_time_of_that_round()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        leader.Core.Tick(100);
        var first = leader.Work().OfType<HeartbeatRequest>().Last().Round;
        leader.Core.Tick(200);
        var second = leader.Work().OfType<HeartbeatRequest>().Last().Round;

        leader.Answer(new HeartbeatResponse(2, 1, 1, second), 250);
        Assert.Equal(1000, leader.Core.LeaseUntil);
        leader.Answer(new HeartbeatResponse(3, 1, 1, first), 260);

        Assert.Equal(1000, leader.Core.LeaseUntil);
    }

    [Fact]
    public void Of_five_the_second_answer_decides()
    {
        var leader = TestReplica.Of(1, 5).Lead(0, 2, 3);
        leader.Core.Tick(100);
        var round = leader.Work().OfType<HeartbeatRequest>().Last().Round;

        leader.Answer(new HeartbeatResponse(2, 1, 1, round), 110);
        Assert.Equal(0, leader.Core.LeaseUntil);
        leader.Answer(new HeartbeatResponse(2, 1, 1, round), 110);
        Assert.Equal(0, leader.Core.LeaseUntil);
        leader.Answer(new HeartbeatResponse(5, 1, 1, round), 120);

        Assert.Equal(900, leader.Core.LeaseUntil);
    }

    [Fact]
    public void A_joint_configuration_needs_a_quorum_of_both_halves()
    {
        var joint = ConfigurationState.OfVoters([1, 4, 5]) with { VotersOutgoing = [1, 2, 3] };
        var leader = new TestReplica(TestReplica.Options(1), joint).Lead(0, 2, 4);
        leader.Core.Tick(100);
        var round = leader.Work().OfType<HeartbeatRequest>().Last().Round;

        leader.Answer(new HeartbeatResponse(2, 1, 1, round), 110);
        leader.Answer(new HeartbeatResponse(3, 1, 1, round), 110);
        Assert.Equal(0, leader.Core.LeaseUntil);
        leader.Answer(new HeartbeatResponse(5, 1, 1, round), 110);

        Assert.Equal(900, leader.Core.LeaseUntil);
    }

    [Fact]
    public void A_configuration_that_comes_into_force_takes_the_lease_away_until_its_own_quorum_answers()
    {
        var group = new TestGroup(1, others: 1).Elect(1);
        Assert.Equal(long.MaxValue, group[1].Core.LeaseUntil);
        group.Cut.Add(2);

        Assert.True(group[1].Core.TryPropose(EntryKind.ConfigurationV2, ConfigurationChange.AddVoter(2).Encode(), out _, out _));
        group.Settle();

        Assert.Equal("voters=(1 2)", group[1].Core.Configuration.ToString());
        Assert.Equal(0, group[1].Core.LeaseUntil);
        group.Cut.Clear();
        group.Pass(2);
        Assert.Equal(group.Now + 800, group[1].Core.LeaseUntil);
    }

    [Fact]
    public void The_only_voter_holds_the_lease_without_end_and_a_follower_none()
    {
        var group = new TestGroup(3).Elect(1);
        group.Pass(1);

        Assert.Equal([group.Now + 800, 0, 0], group.All.Select(r => r.Core.LeaseUntil));
        Assert.Equal(long.MaxValue, TestReplica.Of(1, 1).Lead().Core.LeaseUntil);
    }

    [Fact]
    public void An_answer_from_another_term_gives_no_lease()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        leader.Core.Tick(100);
        var old = leader.Work().OfType<HeartbeatRequest>().Last().Round;
        leader.Answer(new VoteRequest(3, 1, 1, 0, 0, false), 100);
        leader.Answer(new AppendRequest(3, 1, 2, 0, 0, [], 0), 100);
        leader.Core.Tick(1100);
        leader.Lead(1200, 2);
        Assert.Equal(RaftRole.Leader, leader.Core.Role);

        leader.Answer(new HeartbeatResponse(2, 1, 1, old), 1250);
        leader.Answer(new HeartbeatResponse(2, 1, leader.Core.Term, old), 1250);
        leader.Answer(new HeartbeatResponse(2, 1, leader.Core.Term, old + 1000), 1250);

        Assert.Equal(0, leader.Core.LeaseUntil);
    }

    [Fact]
    public void A_paused_leaders_lease_has_run_out_before_anybody_else_can_be_elected()
    {
        var group = new TestGroup(3, with: o => o with { PreVote = true }).Elect(1);
        group.Pass(3);
        var lease = group[1].Core.LeaseUntil;
        group.Cut.Add(1);

        // The leader is paused: nothing ticks there, but its lease is a time, and time goes on.
        while (group[2].Core.Role != RaftRole.Leader && group[3].Core.Role != RaftRole.Leader)
        {
            group.Now += 100;
            group[2].Core.Tick(group.Now);
            group[3].Core.Tick(group.Now);
            group.Settle();
            Assert.True(group.Now < 20000);
        }

        Assert.True(lease < group.Now, $"{lease} {group.Now}");
        Assert.Equal((RaftRole.Leader, lease), (group[1].Core.Role, group[1].Core.LeaseUntil));
    }

    [Fact]
    public void A_voter_that_answered_a_leader_supports_nobody_for_one_election_timeout_even_when_its_ticks_come_in_a_burst()
    {
        var voter = TestReplica.Of(2, 3);
        voter.Core.Tick(0);
        voter.Answer(new HeartbeatRequest(1, 2, 1, 0, 0, 1), 500);
        for (var i = 0; i < 50; i++)
        {
            voter.Core.Tick(1499);
        }

        Assert.Empty(voter.Answer(new VoteRequest(3, 2, 2, 5, 1, false), 1499));
        Assert.Empty(voter.Answer(new PreVoteRequest(3, 2, 2, 5, 1), 1499));
        Assert.Equal((RaftRole.Follower, 1UL), (voter.Core.Role, voter.Core.Term));
        Assert.Equal([new VoteResponse(2, 3, 2, false)], voter.Answer(new VoteRequest(3, 2, 2, 5, 1, false), 1500));
    }

    [Fact]
    public void The_promise_outlives_a_term_that_rises_by_a_late_refusal()
    {
        var voter = TestReplica.Of(2, 3).Lead();
        voter.Answer(new HeartbeatRequest(1, 2, 1, 0, 0, 1), 500);

        voter.Answer(new VoteResponse(3, 2, 2, true), 600);
        Assert.Equal((2UL, 0UL), (voter.Core.Term, voter.Core.Leader));

        Assert.Empty(voter.Answer(new VoteRequest(3, 2, 2, 5, 1, false), 1499));
        voter.Core.Campaign(1499);
        Assert.Equal(RaftRole.Follower, voter.Core.Role);
    }

    [Fact]
    public void A_heartbeat_is_answered_before_the_disk_only_where_its_term_is_persisted()
    {
        var voter = TestReplica.Of(2, 3);
        voter.Core.Step(new HeartbeatRequest(1, 2, 1, 0, 0, 1), 0);
        Assert.Empty(voter.Core.TakeEarly());
        var ready = voter.Core.TakeReady();
        Assert.Equal([new HeartbeatResponse(2, 1, 1, 1)], ready.Late);
        voter.Core.Step(new HeartbeatRequest(1, 2, 1, 0, 0, 2), 0);
        Assert.Empty(voter.Core.TakeEarly());
        voter.Persist(ready);
        voter.Core.Advance(ready);

        voter.Core.Step(new HeartbeatRequest(1, 2, 1, 0, 0, 3), 0);

        Assert.Equal([new HeartbeatResponse(2, 1, 1, 3)], voter.Core.TakeEarly());
    }

    [Fact]
    public void A_restarted_voter_grants_no_vote_or_pre_vote_and_does_not_campaign_for_one_election_timeout()
    {
        var voter = TestReplica.Of(2, 3, new HardState(1, 0, 0), 1);
        voter.Core.Tick(7000);
        voter.Core.Campaign(7999);

        Assert.Empty(voter.Answer(new VoteRequest(3, 2, 2, 5, 1, false), 7999));
        Assert.Empty(voter.Answer(new PreVoteRequest(3, 2, 2, 5, 1), 7999));
        Assert.Equal(RaftRole.Follower, voter.Core.Role);
        Assert.Equal([new PreVoteResponse(2, 3, 2, false)], voter.Answer(new PreVoteRequest(3, 2, 2, 5, 1), 8000));
        Assert.Equal([new VoteResponse(2, 3, 2, false)], voter.Answer(new VoteRequest(3, 2, 2, 5, 1, false), 8000));
    }

    [Fact]
    public void A_restarted_only_voter_and_one_that_never_took_part_need_not_wait()
    {
        var only = TestReplica.Of(1, 1, new HardState(1, 1, 1), 1);
        only.Core.Tick(0);
        only.Lead();
        var fresh = TestReplica.Of(2, 3);

        Assert.Equal(RaftRole.Leader, only.Core.Role);
        Assert.Equal([new VoteResponse(2, 3, 1, false)], fresh.Answer(new VoteRequest(3, 2, 1, 0, 0, false)));
    }

    [Fact]
    public void A_leader_gives_up_its_lease_before_it_sends_TimeoutNow_and_gets_one_only_in_a_new_term()
    {
        var group = new TestGroup(3).Elect(1);
        group.Pass(1);
        Assert.Equal(900, group[1].Core.LeaseUntil);

        group[1].Core.TransferLeadership(3, group.Now);

        Assert.Equal(0, group[1].Core.LeaseUntil);
        Assert.Contains(new TimeoutNowRequest(1, 3, 1), group[1].Core.TakeEarly());
        Assert.False(group[1].Propose("x"));

        // The message is lost or late, and in its term it could still arrive at any time.
        group.Pass(9);
        Assert.Equal((1UL, 0L), (group[1].Core.Term, group[1].Core.LeaseUntil));
        group.Pass(2);
        Assert.Equal((RaftRole.Leader, 2UL, 0UL), (group[1].Core.Role, group[1].Core.Term, group[1].Core.TransferTarget));
        Assert.True(group[1].Core.LeaseUntil > group.Now);
        Assert.True(group[1].Propose("x"));

        group[3].Core.Step(new TimeoutNowRequest(1, 3, 1), group.Now);
        group.Settle();
        Assert.Equal((RaftRole.Leader, 2UL), (group[1].Core.Role, group[1].Core.Term));
    }

    [Fact]
    public void TimeoutNow_elects_its_target_although_the_others_heard_the_old_leader_just_now()
    {
        var group = new TestGroup(3, with: o => o with { PreVote = true });
        group[1].Core.Campaign(0);
        group.Settle();
        group.Pass(2);

        group[1].Core.TransferLeadership(2, group.Now);
        group.Settle();

        Assert.Equal([RaftRole.Follower, RaftRole.Leader, RaftRole.Follower], group.All.Select(r => r.Core.Role));
        Assert.Equal(2UL, group[2].Core.Term);
    }

    [Fact]
    public void Without_the_option_there_is_no_lease()
    {
        var group = new TestGroup(3, with: o => o with { LeaderLease = false }).Elect(1);
        group.Pass(3);

        Assert.All(group.All, r => Assert.Equal(0, r.Core.LeaseUntil));
    }
}
