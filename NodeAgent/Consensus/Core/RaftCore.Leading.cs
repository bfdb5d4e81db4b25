namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a leader does: proposals, append messages, heartbeats, lease, read-index, transfer.</summary>
internal sealed partial class RaftCore
{
    private bool broadcastOwed;
    private bool appendsOwed;
    private bool roundOwed;

    /// <summary>
    /// Appends to the leader's log. False: not the leader, transferring, over the uncommitted limit, or a configuration change that does not fit now;
    /// certainly not executed. A configuration change is the encoded <see cref="ConfigurationChange"/>; one at a time.
    /// </summary>
    public bool TryPropose(EntryKind kind, ReadOnlyMemory<byte> data, out ulong term, out ulong index)
    {
        (term, index) = (Term, log.LastIndex + 1);
        if (Role != RaftRole.Leader || transferTo != 0 || peers.Find(Id) is null)
        {
            return false;
        }

        // One entry is always taken, or one larger than the limit could never be proposed; an empty one costs nothing.
        if (uncommittedBytes > 0 && data.Length > 0 && uncommittedBytes + data.Length > options.MaxUncommittedBytes)
        {
            return false;
        }

        if (kind != EntryKind.Normal && !AcceptsChange(kind, data.Span))
        {
            return false;
        }

        Append(kind, data);
        return true;
    }

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

    /// <summary>A message to <paramref name="peer"/> may be lost: probe from what is certain instead of streaming on.</summary>
    public void ReportUnreachable(ulong peer)
    {
        if (Role == RaftRole.Leader && peers.Find(peer) is { State: ProgressState.Replicate } progress)
        {
            progress.BecomeProbe();
        }
    }

    /// <summary>The way of the data of a snapshot to <paramref name="peer"/> ended. Needed where it failed; its success is known by the append response.</summary>
    public void ReportSnapshot(ulong peer, bool succeeded)
    {
        if (Role != RaftRole.Leader || peers.Find(peer) is not { State: ProgressState.Snapshot } progress)
        {
            return;
        }

        if (succeeded)
        {
            progress.BecomeProbe();
        }
        else
        {
            progress.SnapshotFailed();
        }

        // Arrived: its answer opens the way. Failed: the next heartbeat's answer does.
        progress.FlowPaused = true;
    }

    private void BecomeLeader()
    {
        BeginTerm(Term);
        Role = RaftRole.Leader;
        campaignsSoon = 0;
        Leader = Id;
        Trace("BecomeLeader");
        if (peers.Find(Id) is { } self)
        {
            self.BecomeReplicate();
            self.RecentlyActive = true;
        }

        // There may be a change among the entries that are not applied; scanning them costs more than waiting until all are.
        pendingConfigurationIndex = log.LastIndex;
        Append(EntryKind.Normal, default);
        UpdateLease();
        roundOwed = options.LeaderLease;
    }

    private void Append(EntryKind kind, ReadOnlyMemory<byte> data)
    {
        var index = log.LastIndex + 1;
        log.Add(new Entry(Term, index, kind, data));
        uncommittedBytes += data.Length;
        broadcastOwed = true;
        if (kind != EntryKind.Normal)
        {
            pendingConfigurationIndex = index;
        }

        Trace(kind == EntryKind.Normal ? "Replicate" : "ChangeConf");
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

    private void TakeAppendResponse(AppendResponse m)
    {
        var peer = peers.Find(m.From)!;
        peer.RecentlyActive = true;
        if (m.Rejected)
        {
            TakeRejection(peer, m);
            return;
        }

        if (m.Index > log.LastIndex)
        {
            throw new RaftInvariantException($"Replica {m.From} acknowledges entry {m.Index} of term {Term}, but its leader's log ends at {log.LastIndex}: entries are missing here.");
        }

        if (!peer.MaybeUpdate(m.Index) && !(peer.Match == m.Index && peer.State == ProgressState.Probe))
        {
            return;
        }

        if (peer.State == ProgressState.Probe || (peer.State == ProgressState.Snapshot && peer.Match + 1 >= log.FirstIndex))
        {
            peer.BecomeReplicate();
        }
        else if (peer.State == ProgressState.Replicate)
        {
            peer.Inflight.FreeTo(m.Index);
        }

        if (!MaybeCommit())
        {
            Owe(peer, peer.CanUseCommit(log.Commit) ? AppendDebt.Always : AppendDebt.IfEntries);
        }

        MaybeFinishTransfer(peer);
    }

    private void TakeRejection(Progress peer, AppendResponse m)
    {
        var hint = m.HintTerm > 0 ? log.LastAtMost(m.HintIndex, m.HintTerm).Index : m.HintIndex;
        if (!peer.MaybeDecrease(m.Index, hint))
        {
            return;
        }

        if (peer.State == ProgressState.Replicate)
        {
            peer.BecomeProbe();
        }

        Owe(peer, AppendDebt.Always);
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

    /// <summary>Commits what a quorum holds, if that is an entry of this term (Raft's 5.4.2); older ones are committed with it.</summary>
    private bool MaybeCommit()
    {
        var index = peers.CommittedIndex();
        if (index <= log.Commit || log.TermOf(index) is not { } entryTerm || !options.Rules.MayCommit(entryTerm, Term))
        {
            return false;
        }

        log.CommitTo(index);
        CommittedInTerm = true;
        broadcastOwed = true;
        return true;
    }

    private void Owe(Progress peer, AppendDebt debt)
    {
        if (debt > peer.Debt)
        {
            peer.Debt = debt;
        }

        appendsOwed = true;
    }
}
