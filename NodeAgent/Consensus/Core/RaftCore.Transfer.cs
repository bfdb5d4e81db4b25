namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Leadership that is handed over, or renewed.</summary>
internal sealed partial class RaftCore
{
    /// <summary>Hands leadership to a voter: proposals stop until it has caught up and is told to campaign, for one election timeout at most. Ignored where this does not lead or <paramref name="to"/> may not.</summary>
    public void TransferLeadership(ulong to, long now)
    {
        Observe(now);
        if (Role != RaftRole.Leader || to == transferTo || to == Id || !peers.MayLead(to) || peers.Find(to) is not { Learner: false } target)
        {
            return;
        }

        electionElapsed = 0;
        transferTo = to;
        Owe(target, AppendDebt.Always);
        MaybeFinishTransfer(target);
    }

    /// <summary>
    /// A leader asks to lead in the next term. Whatever is still on its way of this term says nothing there. It gives up its lease first, so the others may vote at once.
    /// Ignored where this does not lead, hands over, or could not campaign now.
    /// </summary>
    public void RenewTerm(long now)
    {
        Observe(now);
        if (Role == RaftRole.Leader && transferTo == 0 && IsFitToLead())
        {
            BecomeFollower(Term, 0);
            StartForcedElection();
        }
    }

    private void MaybeFinishTransfer(Progress peer)
    {
        if (peer.Id != transferTo || peer.Match != log.LastIndex)
        {
            return;
        }

        leaseGivenUp = true;
        UpdateLease();
        early.Add(new TimeoutNowRequest(Id, peer.Id, Term));
    }
}
