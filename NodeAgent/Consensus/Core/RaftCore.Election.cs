namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Elections: who may campaign, who may vote, and what binds a voter.</summary>
internal sealed partial class RaftCore
{
    /// <summary>Campaigns that follow each other soon after a leader was suspected: a replica that is alone with its suspicion does not go on for ever.</summary>
    private const int MaxCampaignsSoon = 5;

    /// <summary>
    /// True while this replica may support nobody's campaign, not even its own: it leads; or its answer to a leader may be part of a lease; or it has just
    /// started and does not know what it answered before.
    /// </summary>
    private bool BoundToOthers
    {
        get
        {
            if (Role == RaftRole.Leader)
            {
                return options.CheckQuorum;
            }

            if (peers.DecidesAlone)
            {
                return false;
            }

            if (JustRestarted)
            {
                return true;
            }

            // Whatever has happened to its term since, the promise was about time. Without leases a voter that no longer knows a leader is free.
            return options.LeaderLease
                ? options.CheckQuorum && clock < heardAt + options.ElectionMs
                : options.CheckQuorum && Leader != 0 && electionElapsed < options.ElectionTicks;
        }
    }

    private bool KnowsItsPast => log.LastIndex >= options.VotesFrom;

    private bool JustRestarted =>
        options.RestartGuard && startedWithHistory && !peers.DecidesAlone && clock < startedAt + options.ElectionMs;

    /// <summary>Campaigns at once, as after an election timeout. Ignored where it leads, may not lead, or is bound by what it answered to a leader.</summary>
    public void Campaign(long now)
    {
        Observe(now);
        if (!BoundToOthers || (!options.LeaderLease && !JustRestarted))
        {
            StartElection();
        }
    }

    /// <summary>
    /// Its leader's process seems to be gone, as when the connection from it has ended. Frees nobody from what he answered: this replica campaigns, with a pre-vote, as soon as its own
    /// promise is over and not up to one election timeout later, and tries again soon where that fails. Ignored where it does not follow <paramref name="leader"/>; over when it hears from a leader.
    /// </summary>
    public void SuspectLeader(ulong leader)
    {
        if (Role == RaftRole.Follower && Leader == leader && leader != 0)
        {
            campaignsSoon = MaxCampaignsSoon;
            electionTimeoutTicks = Math.Min(electionTimeoutTicks, options.ElectionTicks + options.Random.Next(2));
        }
    }

    /// <summary>
    /// A follower that has reason to believe that its leader is gone supports others' campaigns at once. Where leaders hold leases the promise stands until
    /// its time is over, so this is ignored, as it is where this does not follow.
    /// </summary>
    public void ForgetLeader()
    {
        if (Role == RaftRole.Follower && !options.LeaderLease)
        {
            Leader = 0;
        }
    }

    private void StartElection()
    {
        if (!MayCampaign())
        {
            return;
        }

        if (campaignsSoon > 0)
        {
            // A voter that is bound for a moment longer does not answer at all.
            campaignsSoon--;
            electionTimeoutTicks = DrawTimeout();
        }

        if (options.PreVote)
        {
            BecomePreCandidate();
            AskForVotes(forced: false);
        }
        else
        {
            BecomeCandidate(forced: false);
        }
    }

    /// <summary>The leader asked for it and has given up its lease: no pre-vote, and voters may forget what they promised to it.</summary>
    private void StartForcedElection()
    {
        if (MayCampaign())
        {
            BecomeCandidate(forced: true);
        }
    }

    private bool MayCampaign() => Role != RaftRole.Leader && IsFitToLead();

    private bool IsFitToLead() => KnowsItsPast && peers.MayLead(Id) && log.PendingSnapshot is null && !HasUnappliedConfiguration();

    /// <summary>A configuration that is committed but not applied decides who votes; campaigning by the old one could elect two leaders.</summary>
    private bool HasUnappliedConfiguration() => HoldsConfiguration(log.Applied + 1, log.Commit);

    private bool HoldsConfiguration(ulong from, ulong last)
    {
        while (from <= last)
        {
            var page = log.Read(from, last + 1, options.MaxMessageBytes);
            for (var i = 0; i < page.Count; i++)
            {
                if (page[i].Kind != EntryKind.Normal)
                {
                    return true;
                }
            }

            from += (ulong)page.Count;
        }

        return false;
    }

    private void BecomePreCandidate()
    {
        // The term and the vote stay: a pre-vote promises nothing.
        Role = RaftRole.PreCandidate;
        Leader = 0;
        peers.ResetVotes();
        Trace("BecomePreCandidate");
    }

    private void BecomeCandidate(bool forced)
    {
        BeginTerm(Term + 1);
        vote = Id;
        Role = RaftRole.Candidate;
        Trace("BecomeCandidate");
        AskForVotes(forced);
    }

    private void AskForVotes(bool forced)
    {
        var (index, term) = (log.LastIndex, log.LastTerm);
        foreach (var voter in peers.Voters)
        {
            // The own vote counts once it is persisted. The questions wait for that too: they name entries that a crash could still take away.
            var (list, pre) = (voter == Id ? own : late, Role == RaftRole.PreCandidate);
            list.Add((voter == Id, pre) switch
            {
                (true, true) => new PreVoteResponse(Id, Id, Term + 1, false),
                (true, false) => new VoteResponse(Id, Id, Term, false),
                (false, true) => new PreVoteRequest(Id, voter, Term + 1, index, term),
                (false, false) => new VoteRequest(Id, voter, Term, index, term, forced),
            });
        }
    }

    private void BecomeFollower(ulong term, ulong leader)
    {
        if (Role == RaftRole.Leader)
        {
            // What was proposed in the term that ends still goes out in it: it may yet be committed.
            MakeAppends();
        }

        BeginTerm(term);
        Role = RaftRole.Follower;
        Leader = leader;
        Trace("BecomeFollower");
    }

    /// <summary>
    /// Raft draws from one to two election timeouts, so that a leader that is slow is not deposed and candidates seldom meet (section 5.2). Where the leader is known to be gone and
    /// the first campaign failed, candidates only have to miss each other: a vote takes a few round trips.
    /// </summary>
    private int DrawTimeout() => campaignsSoon > 0
        ? 1 + options.Random.Next(Math.Max(2, options.ElectionTicks / 2))
        : options.ElectionTicks + options.Random.Next(options.ElectionTicks);

    private void BeginTerm(ulong term)
    {
        if (Term != term)
        {
            (Term, vote) = (term, 0);
        }

        Leader = 0;
        electionElapsed = 0;
        heartbeatElapsed = 0;
        electionTimeoutTicks = DrawTimeout();
        transferTo = 0;
        pendingConfigurationIndex = 0;
        uncommittedBytes = 0;
        CommittedInTerm = false;
        leaseGivenUp = false;
        LeaseUntil = 0;
        HeardCommit = 0;
        broadcastOwed = appendsOwed = roundOwed = false;
        readQueue.Clear();
        leftInTerm.Clear();
        rounds.BeginTerm();
        peers.Reset(Id, log.LastIndex, log.StableIndex);
    }
}
