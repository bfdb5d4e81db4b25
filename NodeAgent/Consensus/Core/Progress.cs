namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a leader knows of one replica, and how it feeds it. Invariant: Match &lt; Next.</summary>
internal sealed class Progress(ulong id, ulong match, ulong next, Inflight inflight)
{
    private ulong sentCommit;

    /// <summary>The replica.</summary>
    public ulong Id => id;

    /// <summary>Its log is known to equal the leader's up to here, persisted.</summary>
    public ulong Match { get; private set; } = match;

    /// <summary>Next entry to send.</summary>
    public ulong Next { get; private set; } = next;

    /// <summary>How it is fed.</summary>
    public ProgressState State { get; private set; } = ProgressState.Probe;

    /// <summary>Index of the snapshot that it was told to fetch; 0 in other states.</summary>
    public ulong PendingSnapshot { get; private set; }

    /// <summary>Entries on their way to it.</summary>
    public Inflight Inflight => inflight;

    /// <summary>It takes part without voting.</summary>
    public bool Learner { get; set; }

    /// <summary>It answered since the last check of the quorum.</summary>
    public bool RecentlyActive { get; set; }

    /// <summary>Nothing is sent until it answers (or, by a heartbeat's answer, shows that it is alive).</summary>
    public bool FlowPaused { get; set; }

    /// <summary>What it is owed.</summary>
    public AppendDebt Debt { get; set; }

    /// <summary>Latest heartbeat round of this term that it answered.</summary>
    public ulong AckedRound { get; set; }

    /// <summary>1 + time at which that round was sent; 0: none.</summary>
    public ulong AckedSince { get; set; }

    /// <summary>True while no append message may go to it.</summary>
    public bool Paused => FlowPaused || State == ProgressState.Snapshot;

    /// <summary>One message at a time, from the last place that is certain.</summary>
    public void BecomeProbe()
    {
        // A snapshot that arrived is certain even if the answer that says so is still on its way.
        var next = State == ProgressState.Snapshot ? Math.Max(Match, PendingSnapshot) + 1 : Match + 1;
        Enter(ProgressState.Probe, next);
        sentCommit = Math.Min(sentCommit, Next - 1);
    }

    /// <summary>A stream from where it is known to be.</summary>
    public void BecomeReplicate() => Enter(ProgressState.Replicate, Match + 1);

    /// <summary>Waits for a snapshot at <paramref name="index"/>.</summary>
    public void BecomeSnapshot(ulong index)
    {
        Enter(ProgressState.Snapshot, index + 1);
        PendingSnapshot = index;
        sentCommit = index;
    }

    /// <summary>The snapshot did not arrive.</summary>
    public void SnapshotFailed()
    {
        PendingSnapshot = 0;
        BecomeProbe();
    }

    /// <summary>It holds everything up to <paramref name="index"/>. False: that was known.</summary>
    public bool MaybeUpdate(ulong index)
    {
        if (index <= Match)
        {
            return false;
        }

        Match = index;
        Next = Math.Max(Next, index + 1);
        FlowPaused = false;
        return true;
    }

    /// <summary>It refused entries after <paramref name="rejected"/> and may agree at <paramref name="hint"/>. False: an old refusal that says nothing now.</summary>
    public bool MaybeDecrease(ulong rejected, ulong hint)
    {
        if (State == ProgressState.Replicate)
        {
            if (rejected <= Match)
            {
                return false;
            }

            Next = Match + 1;
        }
        else
        {
            if (Next - 1 != rejected)
            {
                return false;
            }

            Next = Math.Max(Math.Min(rejected, hint + 1), Match + 1);
            FlowPaused = false;
        }

        sentCommit = Math.Min(sentCommit, Next - 1);
        return true;
    }

    /// <summary>A message with <paramref name="entries"/> entries of <paramref name="bytes"/> bytes and this commit index was made.</summary>
    public void Sent(int entries, long bytes, ulong commit)
    {
        sentCommit = commit;
        if (State == ProgressState.Replicate)
        {
            if (entries > 0)
            {
                Next += (ulong)entries;
                inflight.Add(Next - 1, bytes);
            }

            // Full: this message is also the probe whose answer opens the window again.
            FlowPaused = inflight.Full;
        }
        else if (entries > 0)
        {
            FlowPaused = true;
        }
    }

    /// <summary>True where telling it <paramref name="commit"/> would be news that it can use.</summary>
    public bool CanUseCommit(ulong commit) => commit > sentCommit && sentCommit < Next - 1;

    private void Enter(ProgressState state, ulong next)
    {
        State = state;
        Next = next;
        FlowPaused = false;
        PendingSnapshot = 0;
        inflight.Clear();
    }
}
