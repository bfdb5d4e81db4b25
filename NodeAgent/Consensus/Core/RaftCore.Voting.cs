namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Votes: who is granted one, and what is learnt from the answers.</summary>
internal sealed partial class RaftCore
{
    private void AnswerPreVote(PreVoteRequest m)
    {
        var grant = KnowsItsPast && (vote == m.From || (vote == 0 && Leader == 0) || m.Term > Term) && log.IsUpToDate(m.LastIndex, m.LastTerm);
        AddPreVoteResponse(m.From, grant ? m.Term : Term, !grant);
    }

    private void AnswerVote(VoteRequest m)
    {
        var grant = KnowsItsPast && (vote == m.From || (vote == 0 && Leader == 0)) && log.IsUpToDate(m.LastIndex, m.LastTerm);
        if (grant)
        {
            vote = m.From;
            electionElapsed = 0;
        }

        late.Add(new VoteResponse(Id, m.From, Term, !grant, log.Commit, log.TermOf(log.Commit) ?? 0));
    }

    private void AddPreVoteResponse(ulong to, ulong term, bool rejected) =>
        late.Add(new PreVoteResponse(Id, to, term, rejected, log.Commit, log.TermOf(log.Commit) ?? 0));

    /// <summary>
    /// A leader that removed itself may be gone before the others know that the removal is committed. Then (1) they still need its vote, (2) its log may be
    /// longer than theirs, so it refuses, (3) it may not lead itself: nobody could be elected. That an entry is committed is true whoever says it, so a
    /// candidate takes a configuration change that it holds from the answer of a voter.
    /// </summary>
    private void LearnCommit(RaftMessage message)
    {
        var (index, term) = message switch
        {
            PreVoteResponse m => (m.Commit, m.CommitTerm),
            VoteResponse m => (m.Commit, m.CommitTerm),
            _ => (0UL, 0UL),
        };
        if (index > log.Commit && Role != RaftRole.Leader && log.Matches(index, term) && HoldsConfiguration(log.Commit + 1, index))
        {
            log.CommitTo(index);
        }
    }

    private void CountVote(ulong from, bool rejected, RaftRole campaigningAs)
    {
        if (Role != campaigningAs)
        {
            return;
        }

        switch (peers.Record(from, !rejected))
        {
            // A configuration that came into force while it campaigned has removed it: it would lead a group to which it may propose nothing, and nobody else would.
            case VoteResult.Won when !peers.MayLead(Id): BecomeFollower(Term, 0); break;
            case VoteResult.Won when Role == RaftRole.PreCandidate: BecomeCandidate(forced: false); break;
            case VoteResult.Won: BecomeLeader(); break;
            case VoteResult.Lost: BecomeFollower(Term, 0); break;
        }
    }
}
