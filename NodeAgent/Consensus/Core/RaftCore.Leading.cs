namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a leader does with proposals and the answers of its followers.</summary>
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
