namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>The work owed to the world, and its acknowledgement.</summary>
internal sealed partial class RaftCore
{
    private List<RaftMessage> early = [];
    private List<RaftMessage> late = [];
    private List<RaftMessage> own = [];
    private List<ReadState> reads = [];
    private List<RaftMessage> ownOutstanding = [];
    private Ready? outstanding;
    private HardState persisted;
    private HardState handed;

    /// <summary>True where <see cref="TakeReady"/> has something to say; false while one is outstanding.</summary>
    public bool HasReady => outstanding is null
        && (log.HasUnstable || log.HasCommitted || HasEarly || late.Count > 0 || own.Count > 0 || reads.Count > 0
            || log.PendingSnapshot is not null || Current != handed);

    /// <summary>True where <see cref="TakeEarly"/> may have something to say.</summary>
    public bool HasEarly => early.Count > 0 || roundOwed || broadcastOwed || appendsOwed;

    private HardState Current => new(Term, vote, log.Commit);

    /// <summary>Everything that is owed now. Carry it out in its order, then call <see cref="Advance"/> before the next.</summary>
    public Ready TakeReady()
    {
        if (outstanding is not null)
        {
            throw new InvalidOperationException("A Ready is outstanding; Advance it before the next is taken.");
        }

        var current = Current;
        if (current.Commit != handed.Commit)
        {
            Trace("Commit");
        }

        var ready = new Ready(
            current == handed ? null : current,
            log.Unstable,
            log.PendingSnapshot,
            log.Committed(options.MaxCommittedBytes),
            TakeEarly(),
            TakeSent(ref late),
            TakeReads(),
            log.HasUnstable || log.PendingSnapshot is not null || (current.Term, current.Vote) != (handed.Term, handed.Vote));
        (ownOutstanding, own) = (own, ownOutstanding);
        handed = current;
        return outstanding = ready;
    }

    /// <summary>Messages that depend on nothing that is not yet persisted; may be asked while a Ready is outstanding, so that heartbeats do not wait for a disk.</summary>
    public IReadOnlyList<RaftMessage> TakeEarly()
    {
        if (roundOwed)
        {
            Beat();
        }

        MakeAppends();
        return TakeSent(ref early);
    }

    /// <summary>Read-index requests that were confirmed; may be asked while a Ready is outstanding.</summary>
    public IReadOnlyList<ReadState> TakeReads() => Take(ref reads);

    /// <summary>The driver has persisted, sent and applied what <paramref name="ready"/> says.</summary>
    public void Advance(Ready ready)
    {
        if (!ReferenceEquals(ready, outstanding))
        {
            throw new InvalidOperationException("Advance wants the Ready that was taken last.");
        }

        outstanding = null;
        persisted = ready.HardState ?? persisted;
        if (ready.Entries is [.., var last])
        {
            log.StableTo(last.Index, last.Term);
        }

        if (ready.Snapshot is { } mark)
        {
            log.SnapshotInstalled(mark);
        }

        ApplyChanges(ready.Committed);
        foreach (var vote in ownOutstanding)
        {
            Step(vote, clock);
        }

        ownOutstanding.Clear();
        AcknowledgeOwn();
        FinishApply(ready.Committed);
    }

    private IReadOnlyList<RaftMessage> TakeSent(ref List<RaftMessage> list)
    {
        var sent = Take(ref list);
        if (options.Trace is not null)
        {
            foreach (var message in sent)
            {
                Trace("Send", message);
            }
        }

        return sent;
    }

    private static IReadOnlyList<T> Take<T>(ref List<T> list)
    {
        if (list.Count == 0)
        {
            return [];
        }

        var taken = list;
        list = [];
        return taken;
    }

    private void ApplyChanges(IReadOnlyList<Entry> committed)
    {
        for (var i = 0; i < committed.Count; i++)
        {
            if (committed[i].Kind != EntryKind.Normal)
            {
                ApplyChange(committed[i]);
            }
        }
    }

    /// <summary>A leader counts its own log only as far as it is persisted; the only voter commits by this alone.</summary>
    private void AcknowledgeOwn()
    {
        if (Role == RaftRole.Leader && peers.Find(Id) is { } self && self.MaybeUpdate(log.StableIndex))
        {
            MaybeCommit();
        }
    }

    private void FinishApply(IReadOnlyList<Entry> committed)
    {
        if (committed.Count > 0)
        {
            log.AppliedTo(committed[^1].Index);
            uncommittedBytes = Math.Max(0, uncommittedBytes - Sizes.Of(committed));
        }

        MaybeLeaveJoint();
    }
}
