namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// The log as the core sees it: the stable part behind <see cref="ILogReader"/>, then what is not yet persisted, held here.
/// Invariant: Applied &lt;= Commit &lt;= LastIndex; an unstable entry hides a stable one of the same index.
/// </summary>
internal sealed class RaftLog
{
    private readonly ILogReader stable;
    private readonly EntryBuffer unstable;

    /// <summary>A log of which everything up to <paramref name="applied"/> has been applied.</summary>
    public RaftLog(ILogReader stable, ulong commit, ulong applied)
    {
        if (Math.Max(commit, applied) > stable.LastIndex || applied + 1 < stable.FirstIndex)
        {
            throw new RaftInvariantException(
                $"The log holds {stable.FirstIndex} to {stable.LastIndex}, but {commit} was committed and {applied} applied: entries are missing.");
        }

        this.stable = stable;
        unstable = new EntryBuffer(stable.LastIndex + 1);
        Commit = Math.Max(commit, applied);
        Applied = applied;
    }

    /// <summary>Highest index known to be committed.</summary>
    public ulong Commit { get; private set; }

    /// <summary>Highest index that the driver has applied.</summary>
    public ulong Applied { get; private set; }

    /// <summary>A snapshot that came in and is not yet persisted.</summary>
    public SnapshotMark? PendingSnapshot { get; private set; }

    /// <summary>First index that can be read.</summary>
    public ulong FirstIndex => PendingSnapshot is { } mark ? mark.Index + 1 : stable.FirstIndex;

    /// <summary>Last index, persisted or not.</summary>
    public ulong LastIndex => unstable.NextIndex - 1;

    /// <summary>Last index that is persisted and will stay so unless a new leader replaces it.</summary>
    public ulong StableIndex => PendingSnapshot is null ? unstable.FirstIndex - 1 : 0;

    /// <summary>Term of the last entry; 0 in an empty log.</summary>
    public ulong LastTerm => TermOf(LastIndex) ?? throw new RaftInvariantException($"The log does not know the term of its last entry {LastIndex}.");

    /// <summary>Where a follower starts that is too far behind.</summary>
    public SnapshotMark Snapshot => PendingSnapshot ?? stable.Snapshot;

    /// <summary>Entries that must be persisted.</summary>
    public IReadOnlyList<Entry> Unstable => unstable.Count == 0 ? [] : unstable.Slice(unstable.FirstIndex, unstable.NextIndex, long.MaxValue);

    /// <summary>True where entries must be persisted.</summary>
    public bool HasUnstable => unstable.Count > 0;

    /// <summary>True where committed entries can be applied; never while a snapshot has to be persisted first.</summary>
    public bool HasCommitted => Commit > Applied && PendingSnapshot is null;

    /// <summary>Term of <paramref name="index"/>. Null: compacted or beyond the end.</summary>
    public ulong? TermOf(ulong index)
    {
        if (index >= unstable.FirstIndex)
        {
            return index < unstable.NextIndex ? unstable[index].Term : null;
        }

        if (PendingSnapshot is { } mark)
        {
            return index == mark.Index ? mark.Term : null;
        }

        return stable.TermOf(index);
    }

    /// <summary>True where the log holds an entry of this index and term.</summary>
    public bool Matches(ulong index, ulong term) => TermOf(index) == term;

    /// <summary>Raft's 5.4.1: is a log that ends with (<paramref name="lastTerm"/>, <paramref name="lastIndex"/>) at least as up to date as this one?</summary>
    public bool IsUpToDate(ulong lastIndex, ulong lastTerm) => lastTerm > LastTerm || (lastTerm == LastTerm && lastIndex >= LastIndex);

    /// <summary>Entries [from, to) with from &gt;= FirstIndex; at least one where there is one, else at most <paramref name="maxBytes"/> of data.</summary>
    public IReadOnlyList<Entry> Read(ulong from, ulong to, long maxBytes)
    {
        to = Math.Min(to, unstable.NextIndex);
        if (from >= to)
        {
            return [];
        }

        if (from >= unstable.FirstIndex)
        {
            return unstable.Slice(from, to, maxBytes);
        }

        var head = stable.Read(from, Math.Min(to, unstable.FirstIndex), maxBytes);
        if (to <= unstable.FirstIndex || from + (ulong)head.Count < unstable.FirstIndex)
        {
            return head;
        }

        var rest = maxBytes - Sizes.Of(head);
        var first = unstable[unstable.FirstIndex].Data.Length;
        return first > rest ? head : [.. head, .. unstable.Slice(unstable.FirstIndex, to, rest)];
    }

    /// <summary>What can be applied now, in order.</summary>
    public IReadOnlyList<Entry> Committed(long maxBytes) => HasCommitted ? Read(Applied + 1, Commit + 1, maxBytes) : [];

    /// <summary>Adds an entry of the leader itself.</summary>
    public void Add(in Entry entry) => unstable.Add(entry);

    /// <summary>
    /// A follower takes entries that follow an entry which matches. Those it has already stay (a late message must not cut what a later one brought);
    /// from the first that differs on, its own are replaced.
    /// </summary>
    public void Merge(IReadOnlyList<Entry> entries)
    {
        var i = 0;
        while (i < entries.Count && Matches(entries[i].Index, entries[i].Term))
        {
            i++;
        }

        if (i == entries.Count)
        {
            return;
        }

        var at = entries[i].Index;
        if (at <= Commit)
        {
            throw new RaftInvariantException($"Entry {at} of term {entries[i].Term} contradicts the committed entry of term {TermOf(at)}; {Commit} is committed.");
        }

        if (at < unstable.FirstIndex)
        {
            unstable.Reset(at);
        }

        unstable.CutFrom(at);
        for (; i < entries.Count; i++)
        {
            unstable.Add(entries[i]);
        }
    }

    /// <summary>Raises the commit index, which never falls.</summary>
    public void CommitTo(ulong index)
    {
        if (index > LastIndex)
        {
            throw new RaftInvariantException($"{index} is committed, but the log ends at {LastIndex}: entries that were acknowledged are missing.");
        }

        Commit = Math.Max(Commit, index);
    }

    /// <summary>The driver applied everything up to <paramref name="index"/>.</summary>
    public void AppliedTo(ulong index) => Applied = Math.Max(Applied, index);

    /// <summary>The driver persisted entries up to (<paramref name="index"/>, <paramref name="term"/>). Ignored where they have been replaced meanwhile.</summary>
    public void StableTo(ulong index, ulong term)
    {
        if (index >= unstable.FirstIndex && index < unstable.NextIndex && unstable[index].Term == term)
        {
            unstable.CutBefore(index + 1);
        }
    }

    /// <summary>A snapshot replaces the whole log.</summary>
    public void Restore(SnapshotMark mark)
    {
        PendingSnapshot = mark;
        unstable.Reset(mark.Index + 1);
        Commit = mark.Index;
    }

    /// <summary>The driver persisted and installed a snapshot.</summary>
    public void SnapshotInstalled(SnapshotMark mark)
    {
        if (PendingSnapshot?.Index == mark.Index)
        {
            PendingSnapshot = null;
        }

        AppliedTo(mark.Index);
    }

    /// <summary>
    /// The last place at or before <paramref name="index"/> whose term is at most <paramref name="term"/>: nothing after it can agree with a log in which
    /// the entry at <paramref name="index"/> is of <paramref name="term"/>. Term 0: the place has been compacted.
    /// </summary>
    public (ulong Index, ulong Term) LastAtMost(ulong index, ulong term)
    {
        for (; index > 0; index--)
        {
            if (TermOf(index) is not { } own)
            {
                return (index, 0);
            }

            if (own <= term)
            {
                return (index, own);
            }
        }

        return (0, 0);
    }
}
