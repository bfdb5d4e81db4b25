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
    /// <summary>Adds messages that depend on nothing unpersisted; may be asked also while a Ready is outstanding (heartbeats do not wait for a disk).</summary>
    public IReadOnlyList<RaftMessage> TakeEarly() => throw new NotImplementedException();
    public IReadOnlyList<ReadState> TakeReads() => throw new NotImplementedException();
    public long HeardAt => throw new NotImplementedException();
    public ulong HeardCommit => throw new NotImplementedException();
    public RaftStatus Status() => throw new NotImplementedException();
    public bool HasReady => throw new NotImplementedException();
    public Ready TakeReady() => throw new NotImplementedException();
    public void Advance(Ready ready) => throw new NotImplementedException();
}
