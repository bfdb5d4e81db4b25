namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Place-holder of the contract; the raft branch replaces it.</summary>
internal sealed class RaftCore(RaftOptions options, ILogReader log, ulong appliedIndex)
{
    public RaftOptions Options => options;
    public ILogReader Log => log;
    public ulong Applied => appliedIndex;
    public ulong Id => options.Id;
    public ulong Term => throw new NotImplementedException();
    public ulong Leader => throw new NotImplementedException();
    public RaftRole Role => throw new NotImplementedException();
    public ulong Commit => throw new NotImplementedException();
    /// <summary>Leader only: entries of its own term have been committed (so reads and serving may begin once that is applied).</summary>
    public bool CommittedInTerm => throw new NotImplementedException();
    /// <summary>Leader only: time (same clock as now) until which no other leader can have been elected; 0 when there is no lease.</summary>
    public long LeaseUntil => throw new NotImplementedException();
    public ConfigurationState Configuration => throw new NotImplementedException();
    public void Tick(long now) => throw new NotImplementedException();
    public void Step(RaftMessage message, long now) => throw new NotImplementedException();
    /// <summary>Appends to the leader's log. False: not the leader, transferring, or over the uncommitted limit; certainly not executed.</summary>
    public bool TryPropose(EntryKind kind, ReadOnlyMemory<byte> data, out ulong term, out ulong index) => throw new NotImplementedException();
    /// <summary>Asks for the commit index confirmed by a quorum after this call; the answer comes in Ready.Reads with the same context. False when not leader or nothing of this term is committed.</summary>
    public bool TryReadIndex(ulong context, long now) => throw new NotImplementedException();
    public void Campaign(long now) => throw new NotImplementedException();
    public void TransferLeadership(ulong to, long now) => throw new NotImplementedException();
    public void ReportUnreachable(ulong peer) => throw new NotImplementedException();
    public void ReportSnapshot(ulong peer, bool succeeded) => throw new NotImplementedException();
    public bool HasReady => throw new NotImplementedException();
    public Ready TakeReady() => throw new NotImplementedException();
    public void Advance(Ready ready) => throw new NotImplementedException();
}

internal enum RaftRole { Follower, PreCandidate, Candidate, Leader }

internal sealed record RaftOptions
{
    public required ulong Id { get; init; }
    public int ElectionTicks { get; init; } = 10;
    public int HeartbeatTicks { get; init; } = 1;
    /// <summary>Length of one tick in units of now (milliseconds).</summary>
    public int TickMs { get; init; } = 100;
    public required Random Random { get; init; }
    public int MaxInflightMessages { get; init; } = 256;
    public long MaxInflightBytes { get; init; } = 8 << 20;
    public int MaxMessageBytes { get; init; } = 1 << 20;
    public long MaxUncommittedBytes { get; init; } = 64 << 20;
    public bool PreVote { get; init; } = true;
    public bool CheckQuorum { get; init; } = true;
    /// <summary>A voter that has just started grants no vote for one election timeout, unless it is the only voter.</summary>
    public bool RestartGuard { get; init; } = true;
}

/// <summary>What the core reads of its own stable log (written by the driver before Advance).</summary>
internal interface ILogReader
{
    HardState InitialHardState { get; }
    ConfigurationState InitialConfiguration { get; }
    ulong FirstIndex { get; }
    ulong LastIndex { get; }
    /// <summary>Term of index; FirstIndex - 1 is answered too. Null: compacted or beyond the end.</summary>
    ulong? TermOf(ulong index);
    /// <summary>Entries [from, to), at least one where there is one, at most maxBytes of data.</summary>
    IReadOnlyList<Entry> Read(ulong from, ulong to, long maxBytes);
    /// <summary>Where a lagging follower would have to start: the newest snapshot mark, Index >= FirstIndex - 1.</summary>
    SnapshotMark Snapshot { get; }
}

/// <summary>All the work that the core owes to the world, in the order that is the safety argument: (1) send Early; (2) persist HardState, Snapshot and Entries in one transaction; (3) send Late; (4) apply Committed; (5) Advance.</summary>
internal sealed record Ready(
    HardState? HardState, IReadOnlyList<Entry> Entries, SnapshotMark? Snapshot, IReadOnlyList<Entry> Committed,
    IReadOnlyList<RaftMessage> Early, IReadOnlyList<RaftMessage> Late, IReadOnlyList<ReadState> Reads, bool MustSync);

/// <summary>A read-index that a quorum confirmed: serve once Index is applied.</summary>
internal readonly record struct ReadState(ulong Index, ulong Context);

/// <summary>Base of the messages between replicas of one group; one sealed record per kind.</summary>
internal abstract record RaftMessage(ulong From, ulong To, ulong Term);
