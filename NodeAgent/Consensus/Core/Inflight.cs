namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Append messages with entries that a follower has not yet answered: last index and bytes of each, oldest first. Limited by count and by bytes.</summary>
internal sealed class Inflight(int maxMessages, long maxBytes)
{
    private readonly Queue<(ulong LastIndex, long Bytes)> messages = new();

    /// <summary>Messages on their way.</summary>
    public int Count => messages.Count;

    /// <summary>Bytes on their way.</summary>
    public long Bytes { get; private set; }

    /// <summary>True where nothing more may be sent until something is answered.</summary>
    public bool Full => messages.Count >= maxMessages || (maxBytes > 0 && Bytes >= maxBytes);

    /// <summary>A message was sent whose last entry is <paramref name="lastIndex"/>.</summary>
    public void Add(ulong lastIndex, long bytes)
    {
        messages.Enqueue((lastIndex, bytes));
        Bytes += bytes;
    }

    /// <summary>The follower holds everything up to <paramref name="index"/>.</summary>
    public void FreeTo(ulong index)
    {
        while (messages.TryPeek(out var oldest) && oldest.LastIndex <= index)
        {
            Bytes -= oldest.Bytes;
            messages.Dequeue();
        }
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        messages.Clear();
        Bytes = 0;
    }
}
