using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// One group's replica on this node: its Raft core, and what its entries mean (the derived class). Everything here runs on the raft loop's
/// thread unless a member says otherwise.
/// </summary>
internal abstract class GroupReplica(GroupId id, RaftCore core, GroupLog log, RaftLoopOptions options)
{
    // As many as a core's fill buffers take; more would push out what the first of them brought.
    private const int ExpectedEntries = 8;

    private readonly WaitingProposals<IEntryWaiter> waiting = new(options.MaxWaitingPerGroup, options.LostWaitMs);
    private readonly Queue<Confirmation> confirmations = new();
    private readonly Dictionary<ulong, Confirmation> asked = [];
    private ulong nextContext = 1;
    private ulong ledTerm;

    /// <summary>The group.</summary>
    public GroupId Id => id;

    /// <summary>The Raft state machine.</summary>
    public RaftCore Core => core;

    /// <summary>The persisted log.</summary>
    public GroupLog Log => log;

    /// <summary>The hard state that the next batch writes; null when what is written is the newest that matters.</summary>
    public HardState? UnwrittenHardState { get; private set; }

    /// <summary>The work that is being done for the core; null when none is.</summary>
    public Ready? Outstanding { get; set; }

    /// <summary>Index of the last applied entry.</summary>
    public ulong Applied { get; private set; } = core.Applied;

    /// <summary>Proposals of this node that wait for their end.</summary>
    public int WaitingCount => waiting.Count;

    /// <summary>Most proposals that may wait here.</summary>
    public int MaxWaiting => options.MaxWaitingPerGroup;

    /// <summary>True while this replica leads and has applied an entry of its own term.</summary>
    public bool IsServing => core.Role == RaftRole.Leader && core.CommittedInTerm && AppliedTerm == core.Term;

    /// <summary>The leader as this replica may name it; 0: none. One that is out of the configuration hears of no later leader, so it names none.</summary>
    protected ulong KnownLeader => core.Configuration.Contains(core.Id) ? core.Leader : 0;

    /// <summary>Term of the last applied entry.</summary>
    protected ulong AppliedTerm { get; private set; }

    /// <summary>Proposes an entry. The waiter is called when its end is known; null: nobody waits.</summary>
    /// <returns>False when it was not proposed: certainly not executed, and the waiter is not called.</returns>
    public bool TryPropose(ReadOnlyMemory<byte> data, IEntryWaiter? waiter)
    {
        if (waiting.IsFull || !core.TryPropose(EntryKind.Normal, data, out var term, out var index))
        {
            return false;
        }

        if (waiter is not null)
        {
            waiting.Add(term, index, waiter);
        }

        return true;
    }

    /// <summary>Proposes a change of the configuration, for which nobody waits. False: not the leader, another change is under way, or it does not fit.</summary>
    public bool TryProposeChange(ConfigurationChange change) => core.TryPropose(EntryKind.ConfigurationV2, change.Encode(), out _, out _);

    /// <summary>Calls back with true once a quorum has confirmed that this replica led in the given term after this call, and all committed until then is applied.</summary>
    public void Confirm(ulong term, long now, Action<bool> done)
    {
        var context = nextContext++;
        if (core.Role != RaftRole.Leader || core.Term != term || !core.TryReadIndex(context, now))
        {
            done(false);
            return;
        }

        asked[context] = new Confirmation(term, 0, done);
    }

    /// <summary>Begins to hand leadership to the replica that lacks least, where that is not under way.</summary>
    /// <returns>False where this replica does not lead, or nobody could take over.</returns>
    public bool HandOver(long now)
    {
        if (core.Role != RaftRole.Leader)
        {
            return false;
        }

        var next = core.Status().Peers.Where(p => p.Id != core.Id && p is { Learner: false, RecentlyActive: true }).MaxBy(p => p.Match);
        if (next is not null && core.TransferTarget == 0)
        {
            core.TransferLeadership(next.Id, now);
        }

        return next is not null;
    }

    /// <summary>Applies what was committed, in order, and tells who waits.</summary>
    public void ApplyAll(IReadOnlyList<Entry> committed)
    {
        for (var i = 0; i < committed.Count; i++)
        {
            if (i % ExpectedEntries == 0)
            {
                ExpectSome(committed, i);
            }

            var entry = committed[i];
            var waiter = waiting.Take(entry.Term, entry.Index, static w => w.Overwritten());
            Failpoint.Hit("apply.before");
            Apply(entry, waiter);
            Failpoint.Hit("apply.after");
            Applied = entry.Index;
            AppliedTerm = entry.Term;
        }
    }

    private void ExpectSome(IReadOnlyList<Entry> committed, int from)
    {
        for (var i = from; i < Math.Min(from + ExpectedEntries, committed.Count); i++)
        {
            Expect(committed[i]);
        }
    }

    /// <summary>A message of another replica.</summary>
    public virtual void Receive(RaftMessage message, long now) => core.Step(message, now);

    /// <summary>What the writer adds to its batch beside the log: a received snapshot's data. On the writer's thread, while <see cref="Outstanding"/> stands.</summary>
    public abstract void AddSnapshotTo(StoreBatch batch, SnapshotMark mark);

    /// <summary>The outstanding work is durable, where it had to be: the log in memory follows.</summary>
    public void Persisted(Ready ready)
    {
        if (ready.HardState is { } hardState)
        {
            // A commit index alone promises nothing: it is written with the next entries.
            UnwrittenHardState = ready.MustSync ? null : hardState;
            log.SetHardState(hardState);
        }

        if (ready.Snapshot is { } mark)
        {
            Failpoint.Hit("snapshot.install.after");
            log.Install(mark);
            (Applied, AppliedTerm) = (mark.Index, mark.Term);
            FailWaiting();
            OnSnapshotInstalled(mark);
        }

        log.Append(ready.Entries);
    }

    /// <summary>Read-index requests that a quorum has confirmed; answered when their index is applied.</summary>
    public void Confirmed(IReadOnlyList<ReadState> reads)
    {
        foreach (var read in reads)
        {
            if (asked.Remove(read.Context, out var confirmation))
            {
                confirmations.Enqueue(confirmation with { Index = read.Index });
            }
        }
    }

    /// <summary>Called after every step, tick and apply: follows changes of role, answers confirmed reads.</summary>
    public void AfterStep(long now)
    {
        Confirmed(core.TakeReads());
        while (confirmations.TryPeek(out var first) && first.Index <= Applied)
        {
            _ = confirmations.Dequeue();
            first.Done(core.Role == RaftRole.Leader && core.Term == first.Term);
        }

        var leads = core.Role == RaftRole.Leader ? core.Term : 0;
        if (leads != ledTerm)
        {
            FailConfirmations();
            waiting.Left(now);
            if (leads != 0)
            {
                waiting.Lead(i => core.TermOf(i), static w => w.Lost());
            }

            ledTerm = leads;
        }

        waiting.Tick(now, static w => w.Lost());

        OnStepped(now);
    }

    /// <summary>All that waits here ends as unknown: the log was lost.</summary>
    public void FailWaiting()
    {
        waiting.Clear(static w => w.Lost());
        FailConfirmations();
    }

    private void FailConfirmations()
    {
        foreach (var confirmation in asked.Values.Concat(confirmations))
        {
            confirmation.Done(false);
        }

        asked.Clear();
        confirmations.Clear();
    }

    /// <summary>The segments of a snapshot, each encoded when it is asked for; on the loop's thread, over several of its rounds.</summary>
    public abstract IEnumerable<SnapshotPart> SnapshotParts();

    /// <summary>The group record as of <see cref="GroupLog.Snapshot"/>.</summary>
    public abstract ReadOnlyMemory<byte> SnapshotRecord { get; }

    /// <summary>Keeps a received snapshot's data until Raft takes its mark; false where they cannot be read.</summary>
    public abstract bool Stage(SnapshotMark mark, ReadOnlyMemory<byte> record, IReadOnlyList<SnapshotPart> parts);

    /// <summary>A hint that an entry will be applied soon.</summary>
    protected virtual void Expect(in Entry entry)
    {
    }

    /// <summary>Applies one entry. The waiter, if any, is to be told the result.</summary>
    protected abstract void Apply(in Entry entry, IEntryWaiter? waiter);

    /// <summary>The state machine takes over the received snapshot, which is durable now.</summary>
    protected abstract void OnSnapshotInstalled(SnapshotMark mark);

    /// <summary>Publishes what other threads see, and does what a leader owes.</summary>
    protected abstract void OnStepped(long now);

    /// <summary>The replica was taken out of the loop: nothing of it is served any more, its memory is given back.</summary>
    public abstract void Close();

    /// <summary>Called at every tick, after the core's.</summary>
    public abstract void OnTick(long now);

    private readonly record struct Confirmation(ulong Term, ulong Index, Action<bool> Done);
}

/// <summary>Waits for a proposed entry. Called on the raft loop's thread, must not block. Exactly one of its ends is called; being applied is told by the derived replica.</summary>
internal interface IEntryWaiter
{
    /// <summary>Leadership was lost and nobody told in time: the entry may or may not be executed.</summary>
    void Lost();

    /// <summary>Another entry took its place: certainly not executed.</summary>
    void Overwritten();
}
