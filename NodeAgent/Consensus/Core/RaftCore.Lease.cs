namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Heartbeat rounds and what their answers confirm: the lease, read-index requests, and that a quorum is there.</summary>
internal sealed partial class RaftCore
{
    /// <summary>Asks for the commit index confirmed by a quorum after this call; the answer comes in Ready.Reads with the same context, never where leadership is lost before. False when not leader, nothing of this term is committed, or too many wait.</summary>
    public bool TryReadIndex(ulong context, long now)
    {
        Observe(now);
        if (Role != RaftRole.Leader || !CommittedInTerm)
        {
            return false;
        }

        var read = new ReadState(log.Commit, context);
        if (peers.DecidesAlone)
        {
            reads.Add(read);
            return true;
        }

        // All requests until the next round share it.
        var taken = readQueue.TryAdd(rounds.Latest + 1, read);
        roundOwed |= taken;
        return taken;
    }

    private void TickLeader()
    {
        heartbeatElapsed++;
        if (electionElapsed >= options.ElectionTicks)
        {
            electionElapsed = 0;
            AskForSnapshotsAgain();
            if (options.CheckQuorum && !peers.TakeQuorumActive(Id))
            {
                BecomeFollower(Term, 0);
                return;
            }

            transferTo = 0;
            if (leaseGivenUp && options.LeaderLease)
            {
                // The target did not take over in time, and in this term there can be no lease any more: the message may still be on its way. It says nothing in
                // the next term. What the others promised was promised to this replica's lease, which is given up, so they may vote at once.
                BecomeFollower(Term, 0);
                StartForcedElection();
                return;
            }
        }

        if (heartbeatElapsed >= options.HeartbeatTicks)
        {
            heartbeatElapsed = 0;
            Beat();
        }
    }

    private void Beat()
    {
        roundOwed = false;
        var round = rounds.Begin(clock);
        foreach (var peer in peers.All)
        {
            if (peer.Id != Id)
            {
                early.Add(new HeartbeatRequest(Id, peer.Id, Term, Math.Min(peer.Match, log.Commit), log.Commit, round));
            }
        }
    }

    private void TakeHeartbeatResponse(HeartbeatResponse m)
    {
        var peer = peers.Find(m.From)!;
        peer.RecentlyActive = true;
        peer.FlowPaused = false;
        if (peer.Match < log.LastIndex || peer.State == ProgressState.Probe)
        {
            Owe(peer, AppendDebt.Always);
        }

        if (m.Round <= peer.AckedRound || rounds.SentAt(m.Round) is not { } sentAt)
        {
            return;
        }

        peer.AckedRound = m.Round;
        peer.AckedSince = (ulong)sentAt + 1;
        UpdateLease();
        readQueue.Release(peers.ConfirmedRound(), reads);
    }

    /// <summary>The lease runs from the sending of the round that a quorum of the configuration in force has answered.</summary>
    private void UpdateLease()
    {
        var since = options is { LeaderLease: true, CheckQuorum: true } && Role == RaftRole.Leader && !leaseGivenUp ? peers.ConfirmedSince() : 0;
        LeaseUntil = since switch
        {
            0 => 0,
            ulong.MaxValue => long.MaxValue,
            _ => (long)(since - 1) + options.LeaseMs,
        };
    }
}
