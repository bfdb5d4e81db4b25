namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Those who wait for the end of proposed entries, oldest first. An entry whose leader lost its leadership is not lost yet: as long as it is in the log it may
/// still be committed, by whoever leads then, and what is applied in its place says which of the two it was. So nobody is told "unknown" before
/// <paramref name="lostWait"/> has passed without a leader of its own telling: a hand-over costs a client no doubt. The waiters' ends
/// are the caller's to call. No clock: time is an argument, in one unit of the caller's choice.
/// </summary>
/// <param name="most">Most that may wait.</param>
/// <param name="lostWait">How long a waiter outlives the leadership under which it was proposed.</param>
internal sealed class WaitingProposals<TWaiter>(int most, long lostWait)
    where TWaiter : class
{
    private readonly Queue<Waiting> waiting = new();
    private long? lostAt;

    /// <summary>How many wait.</summary>
    public int Count => waiting.Count;

    /// <summary>True where another would be one too many.</summary>
    public bool IsFull => waiting.Count >= most;

    /// <summary>Adds one whose entry was just proposed; entries are proposed at rising indices.</summary>
    public void Add(ulong term, ulong index, TWaiter waiter) => waiting.Enqueue(new Waiting(term, index, waiter));

    /// <summary>Takes who waits for an entry that is now applied, or null. Those before it, and one of another term, waited for entries that can never be committed.</summary>
    public TWaiter? Take(ulong term, ulong index, Action<TWaiter> overwritten)
    {
        while (waiting.TryPeek(out var first) && first.Index <= index)
        {
            _ = waiting.Dequeue();
            if (first.Index == index && first.Term == term)
            {
                return first.Waiter;
            }

            overwritten(first.Waiter);
        }

        return null;
    }

    /// <summary>Leadership ended here.</summary>
    public void Left(long now) => lostAt ??= waiting.Count > 0 ? now : null;

    /// <summary>
    /// Leadership begins here, in a later term. What this log still holds waits on; what was cut off it may be in another log, whose owner may lead after this one:
    /// unknown. That is always the newest part, so that indices keep rising.
    /// </summary>
    /// <param name="termOf">The term of an entry of this log; null: it has none there.</param>
    /// <param name="lost">Told for each whose end is not known.</param>
    public void Lead(Func<ulong, ulong?> termOf, Action<TWaiter> lost)
    {
        lostAt = null;
        for (var left = waiting.Count; left > 0; left--)
        {
            var one = waiting.Dequeue();
            if (termOf(one.Index) == one.Term)
            {
                waiting.Enqueue(one);
            }
            else
            {
                lost(one.Waiter);
            }
        }
    }

    /// <summary>Gives up those that have outlived their leadership by the limit.</summary>
    public void Tick(long now, Action<TWaiter> lost)
    {
        if (lostAt is { } at && now - at >= lostWait)
        {
            Clear(lost);
        }
    }

    /// <summary>Gives up all.</summary>
    public void Clear(Action<TWaiter> lost)
    {
        lostAt = null;
        while (waiting.TryDequeue(out var one))
        {
            lost(one.Waiter);
        }
    }

    private readonly record struct Waiting(ulong Term, ulong Index, TWaiter Waiter);
}
