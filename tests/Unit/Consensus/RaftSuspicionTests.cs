using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>A leader whose connections have ended: its followers look for another one soon, and break no promise for it.</summary>
public sealed class RaftSuspicionTests
{
    [Fact]
    public void Followers_campaign_as_soon_as_their_promise_is_over_and_not_before()
    {
        var group = Led();
        group.Pass(3);
        Leave(group, 1);

        group.Pass(9);
        Assert.DoesNotContain(group.Sent, m => m is PreVoteRequest or VoteRequest);
        group.Pass(3);
        Assert.Contains(group.Sent, m => m is PreVoteRequest);
        group.Pass(10);
        Assert.Contains(group.All, r => r.Core.Id != 1 && r.Core.Role == RaftRole.Leader);
    }

    [Fact]
    public void A_suspicion_that_was_wrong_is_over_with_the_leaders_next_word()
    {
        var group = Led();
        var term = group.Leader.Core.Term;
        for (var i = 0; i < 40; i++)
        {
            group[2].Core.SuspectLeader(1);
            group.Pass(1);
        }

        Assert.Equal((1UL, term), (group.Leader.Core.Id, group.Leader.Core.Term));
        Assert.InRange(group[2].Core.ElectionTimeoutTicks, 10, 19);
    }

    [Fact]
    public void Who_does_not_follow_the_suspected_one_ignores_it()
    {
        var group = Led();
        group[2].Core.ElectionTimeoutTicks = 19;
        group[2].Core.SuspectLeader(3);
        group[2].Core.SuspectLeader(0);
        Assert.Equal(19, group[2].Core.ElectionTimeoutTicks);
    }

    [Fact]
    public void A_replica_that_is_alone_with_its_suspicion_campaigns_soon_only_a_few_times()
    {
        var group = Led();
        group.Cut.Add(2);
        group.Sent.Clear();
        group[2].Core.SuspectLeader(1);
        group.Pass(200);

        // Five soon, then one in ten ticks at most.
        Assert.InRange(group.Sent.Count(m => m is PreVoteRequest { From: 2, To: 3 }), 6, 5 + 20);
        Assert.Equal(1UL, group.Leader.Core.Id);
    }

    private static TestGroup Led() => new TestGroup(3, 0, o => o with { PreVote = true }).Elect(1);

    private static void Leave(TestGroup group, ulong leader)
    {
        group.Cut.Add(leader);
        group.Sent.Clear();
        foreach (var replica in group.All)
        {
            replica.Core.SuspectLeader(leader);
        }
    }
}
