using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>Sentences of "In Search of an Understandable Consensus Algorithm (Extended Version)", one test each.</summary>
public sealed class RaftPaperTests
{
    [Theory]
    [InlineData("Follower")]
    [InlineData("Candidate")]
    [InlineData("Leader")]
    public void S5_1_If_a_candidate_or_leader_discovers_that_its_term_is_out_of_date_it_immediately_reverts_to_follower(string role)
    {
        var replica = TestReplica.Of(1, 3);
        if (role != "Follower")
        {
            replica.Lead(0, role == "Leader" ? [2] : []);
        }

        Assert.Equal(role, replica.Core.Role.ToString());

        replica.Answer(new AppendRequest(2, 1, 7, 0, 0, [], 0));

        Assert.Equal((RaftRole.Follower, 7UL, 2UL), (replica.Core.Role, replica.Core.Term, replica.Core.Leader));
        Assert.Equal(7UL, replica.Log.InitialHardState.Term);
    }

    [Fact]
    public void S5_1_If_a_server_receives_a_request_with_a_stale_term_number_it_rejects_the_request()
    {
        var replica = TestReplica.Of(1, 3, new HardState(5, 0, 0), 4, 5);

        var toAppend = replica.Answer(new AppendRequest(2, 1, 4, 2, 5, [new Entry(4, 3, EntryKind.Normal, default)], 0), 5000);
        var toVote = replica.Answer(new VoteRequest(2, 1, 4, 9, 9, false), 5000);

        Assert.Equal([new AppendResponse(1, 2, 5, 0, false, 0, 0)], toAppend);
        Assert.Empty(toVote);
        Assert.Equal([4UL, 5UL], replica.Terms);
    }

    [Fact]
    public void S5_2_When_servers_start_up_they_begin_as_followers()
    {
        var replica = TestReplica.Of(1, 3, new HardState(5, 2, 1), 4, 5);

        Assert.Equal((RaftRole.Follower, 5UL, 0UL, 1UL), (replica.Core.Role, replica.Core.Term, replica.Core.Leader, replica.Core.Commit));
    }

    [Fact]
    public void S5_2_A_follower_that_hears_nothing_over_the_election_timeout_increments_its_term_votes_for_itself_and_asks_all_others()
    {
        var replica = TestReplica.Of(1, 3, new HardState(2, 0, 0), 1, 2);
        var now = 0L;
        replica.Core.ElectionTimeoutTicks = 12;

        replica.Ticks(11, ref now);
        Assert.Empty(replica.Work());
        replica.Ticks(1, ref now);

        Assert.Equal([new VoteRequest(1, 2, 3, 2, 2, false), new VoteRequest(1, 3, 3, 2, 2, false)], replica.Work());
        Assert.Equal((RaftRole.Candidate, new HardState(3, 1, 0)), (replica.Core.Role, replica.Log.InitialHardState));
    }

    [Fact]
    public void S5_2_A_leader_sends_heartbeats_to_all_followers_periodically()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2);
        leader.Work();
        var now = 0L;

        leader.Ticks(1, ref now);

        Assert.Equal([2UL, 3UL], leader.Work().OfType<HeartbeatRequest>().Select(m => m.To));
    }

    [Theory]
    [InlineData(1, 0, 0, "Leader")]
    [InlineData(3, 1, 0, "Leader")]
    [InlineData(3, 0, 1, "Candidate")]
    [InlineData(3, 0, 2, "Follower")]
    [InlineData(5, 2, 0, "Leader")]
    [InlineData(5, 1, 2, "Candidate")]
    [InlineData(5, 1, 3, "Follower")]
    [InlineData(4, 1, 1, "Candidate")]
    public void S5_2_A_candidate_wins_with_votes_from_a_majority_in_the_same_term(int servers, int granted, int denied, string role)
    {
        var replica = TestReplica.Of(1, servers);
        replica.Core.Campaign(0);
        replica.Work();
        for (var i = 0; i < granted + denied; i++)
        {
            // A doubled answer is one vote.
            var answer = new VoteResponse((ulong)i + 2, 1, 1, i >= granted);
            replica.Answer(answer);
            replica.Answer(answer);
        }

        Assert.Equal(role, replica.Core.Role.ToString());
    }

    [Fact]
    public void S5_2_The_own_vote_counts_only_once_it_is_persisted()
    {
        var replica = TestReplica.Of(1, 3);
        replica.Core.Campaign(0);
        var ready = replica.Core.TakeReady();
        Assert.Equal(new HardState(1, 1, 0), ready.HardState);
        Assert.Empty(ready.Early);
        Assert.True(ready.MustSync);

        replica.Core.Step(new VoteResponse(2, 1, 1, false), 0);
        Assert.Equal(RaftRole.Candidate, replica.Core.Role);

        replica.Persist(ready);
        replica.Core.Advance(ready);
        Assert.Equal(RaftRole.Leader, replica.Core.Role);
    }

    [Fact]
    public void S5_2_Each_server_votes_for_at_most_one_candidate_in_a_given_term_also_after_a_crash()
    {
        var replica = TestReplica.Of(1, 3);

        Assert.Equal([new VoteResponse(1, 2, 1, false)], replica.Answer(new VoteRequest(2, 1, 1, 0, 0, false)));
        Assert.Equal([new VoteResponse(1, 3, 1, true)], replica.Answer(new VoteRequest(3, 1, 1, 0, 0, false)));
        replica.Restart();
        replica.Core.Tick(0);
        Assert.Equal([new VoteResponse(1, 3, 1, true)], replica.Answer(new VoteRequest(3, 1, 1, 0, 0, false), 1000));
        Assert.Equal([new VoteResponse(1, 2, 1, false)], replica.Answer(new VoteRequest(2, 1, 1, 0, 0, false), 1000));
    }

    [Fact]
    public void S5_2_A_candidate_that_hears_a_leader_of_its_term_returns_to_follower()
    {
        var replica = TestReplica.Of(1, 3).Lead();

        replica.Answer(new HeartbeatRequest(2, 1, 1, 0, 0, 1));

        Assert.Equal((RaftRole.Follower, 1UL, 2UL), (replica.Core.Role, replica.Core.Term, replica.Core.Leader));
    }

    [Fact]
    public void S5_2_Election_timeouts_are_chosen_randomly_from_an_interval()
    {
        var replica = TestReplica.Of(1, 3);
        var drawn = new HashSet<int>();
        for (var term = 1UL; term <= 300; term++)
        {
            replica.Answer(new VoteResponse(2, 1, term, true));
            drawn.Add(replica.Core.ElectionTimeoutTicks);
        }

        Assert.Equal(Enumerable.Range(10, 10), drawn.Order());
    }

    [Fact]
    public void S5_3_A_leader_appends_the_command_and_issues_append_entries_to_each_of_the_others()
    {
        var leader = TestReplica.Of(1, 3).Lead(0, 2, 3);
        leader.Answer(new AppendResponse(2, 1, 1, 1, false, 0, 0));
        leader.Answer(new AppendResponse(3, 1, 1, 1, false, 0, 0));

        Assert.True(leader.Propose("x"));
        var sent = leader.Work().Cast<AppendRequest>().ToList();

        Assert.Equal([2UL, 3UL], sent.Select(m => m.To));
        Assert.All(sent, m => Assert.Equal((1UL, 1UL, 1UL, 1UL, 2UL), (m.Term, m.PrevIndex, m.PrevTerm, m.Commit, Assert.Single(m.Entries).Index)));
        Assert.Equal([1UL, 1UL], leader.Terms);
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(3, 0, false)]
    [InlineData(3, 1, true)]
    [InlineData(5, 1, false)]
    [InlineData(5, 2, true)]
    public void S5_3_An_entry_is_committed_once_it_is_on_a_majority(int servers, int acknowledgements, bool committed)
    {
        var leader = TestReplica.Of(1, servers).Lead(0, [.. Enumerable.Range(2, (servers - 1) / 2).Select(i => (ulong)i)]);
        leader.Propose("x");
        leader.Work();
        for (var i = 0; i < acknowledgements; i++)
        {
            leader.Answer(new AppendResponse((ulong)i + 2, 1, 1, 2, false, 0, 0));
        }

        Assert.Equal(committed ? ["x"] : [], leader.Texts);
        Assert.Equal(committed, leader.Core.CommittedInTerm);
    }

    [Fact]
    public void S5_3_Committing_commits_all_preceding_entries_of_earlier_leaders_too_and_they_are_applied_in_order()
    {
        var leader = TestReplica.Of(1, 3, new HardState(2, 0, 0), 1, 2);
        leader.Core.Tick(0);
        leader.Lead(1000, 2);

        leader.Answer(new AppendResponse(2, 1, 3, 3, false, 0, 0), 1000);

        Assert.Equal([1UL, 2UL, 3UL], leader.Applied.Select(e => e.Index));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(3, 3, false)]
    public void S5_3_A_follower_without_the_preceding_entry_of_the_same_term_refuses(ulong index, ulong term, bool accepted)
    {
        var replica = TestReplica.Of(1, 3, new HardState(2, 0, 0), 1, 2);

        var answer = Assert.IsType<AppendResponse>(Assert.Single(replica.Answer(new AppendRequest(2, 1, 3, index, term, [], 0))));

        Assert.Equal(!accepted, answer.Rejected);
        Assert.Equal(index, answer.Index);
    }

    [Theory]
    [InlineData("1 1 1 4 4 5 5 6 6")]
    [InlineData("1 1 1 4")]
    [InlineData("1 1 1 4 4 5 5 6 6 6 6")]
    [InlineData("1 1 1 4 4 5 5 6 6 6 7 7")]
    [InlineData("1 1 1 4 4 4 4")]
    [InlineData("1 1 1 2 2 2 3 3 3 3 3")]
    public void S5_3_Figure_7_A_leader_brings_every_follower_to_its_own_log_with_one_refusal_per_conflicting_term(string follower)
    {
        ulong[] leaderTerms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
        var terms = follower.Split(' ').Select(ulong.Parse).ToArray();
        var leader = TestReplica.Of(1, 3, new HardState(7, 0, 0), leaderTerms);
        var other = TestReplica.Of(2, 3, new HardState(terms[^1], 0, 0), terms);
        leader.Core.Tick(0);
        leader.Core.Campaign(1000);
        var toOther = leader.Work();
        toOther = leader.Answer(new VoteResponse(3, 1, 8, false), 1000);
        var refusals = 0;
        while (toOther.Count > 0)
        {
            var answers = toOther.Where(m => m.To == 2).SelectMany(m => other.Answer(m, 1000)).ToList();
            refusals += answers.OfType<AppendResponse>().Count(a => a.Rejected);
            toOther = [.. answers.SelectMany(m => leader.Answer(m, 1000))];
        }

        Assert.Equal([.. leaderTerms, 8UL], other.Terms);
        Assert.True(refusals <= terms.Distinct().Count(), $"{refusals} refusals");
    }

    [Fact]
    public void S5_3_A_late_append_message_does_not_cut_what_a_later_one_brought()
    {
        var replica = TestReplica.Of(1, 3);
        Entry[] entries = [new(1, 1, EntryKind.Normal, default), new(1, 2, EntryKind.Normal, default)];

        replica.Answer(new AppendRequest(2, 1, 1, 0, 0, entries, 0));
        var late = replica.Answer(new AppendRequest(2, 1, 1, 0, 0, entries[..1], 0));

        Assert.Equal([new AppendResponse(1, 2, 1, 1, false, 0, 0)], late);
        Assert.Equal([1UL, 1UL], replica.Terms);
    }

    [Fact]
    public void S5_3_A_follower_commits_no_further_than_the_entries_that_the_message_proved()
    {
        var replica = TestReplica.Of(1, 3, new HardState(1, 0, 0), 1, 1, 1);

        replica.Answer(new AppendRequest(2, 1, 2, 1, 1, [new Entry(2, 2, EntryKind.Normal, default)], 9));

        Assert.Equal(2UL, replica.Core.Commit);
        Assert.Equal([1UL, 2UL], replica.Terms);
    }

    [Theory]
    [InlineData(3, 2, true)]
    [InlineData(2, 3, true)]
    [InlineData(5, 2, true)]
    [InlineData(1, 3, true)]
    [InlineData(1, 2, false)]
    [InlineData(9, 1, false)]
    public void S5_4_1_The_voter_denies_its_vote_if_its_own_log_is_more_up_to_date(ulong lastIndex, ulong lastTerm, bool granted)
    {
        var replica = TestReplica.Of(1, 3, default, 1, 2);

        var answer = Assert.Single(replica.Answer(new VoteRequest(2, 1, 3, lastIndex, lastTerm, false)));

        Assert.Equal(new VoteResponse(1, 2, 3, !granted), answer);
    }

    [Fact]
    public void S5_4_2_Only_entries_of_the_leaders_current_term_are_committed_by_counting_replicas()
    {
        var leader = TestReplica.Of(1, 3, new HardState(2, 0, 0), 1, 2);
        leader.Core.Tick(0);
        leader.Lead(1000, 2);

        leader.Answer(new AppendResponse(2, 1, 3, 2, false, 0, 0), 1000);
        Assert.Equal((0UL, false), (leader.Core.Commit, leader.Core.CommittedInTerm));

        leader.Answer(new AppendResponse(2, 1, 3, 3, false, 0, 0), 1000);
        Assert.Equal((3UL, true), (leader.Core.Commit, leader.Core.CommittedInTerm));
    }

    [Fact]
    public void S3_A_replica_whose_log_is_shorter_than_what_it_acknowledged_stops()
    {
        var replica = TestReplica.Of(1, 3, new HardState(2, 0, 1), 1, 2);
        replica.Work();

        replica.Answer(new AppendRequest(2, 1, 3, 2, 2, [], 2));
        var thrown = Assert.Throws<RaftInvariantException>(() => replica.Answer(new HeartbeatRequest(2, 1, 3, 5, 5, 1)));

        Assert.Equal("5 is committed, but the log ends at 2: entries that were acknowledged are missing.", thrown.Message);
        Assert.Equal([1UL, 2UL], replica.Terms);
    }
}
