namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Read-index requests that wait until a quorum answers a heartbeat round begun after them.</summary>
internal sealed class ReadQueue(int limit)
{
    private readonly Queue<(ulong Round, ReadState Read)> waiting = new();

    /// <summary>Requests that wait.</summary>
    public int Count => waiting.Count;

    /// <summary>Waits for <paramref name="round"/>. False: too many wait.</summary>
    public bool TryAdd(ulong round, ReadState read)
    {
        if (waiting.Count >= limit)
        {
            return false;
        }

        waiting.Enqueue((round, read));
        return true;
    }

    /// <summary>Moves what a quorum's answer to <paramref name="round"/> confirms to <paramref name="confirmed"/>.</summary>
    public void Release(ulong round, List<ReadState> confirmed)
    {
        while (waiting.TryPeek(out var next) && next.Round <= round)
        {
            confirmed.Add(waiting.Dequeue().Read);
        }
    }

    /// <summary>Leadership ended: they are never answered.</summary>
    public void Clear() => waiting.Clear();
}
