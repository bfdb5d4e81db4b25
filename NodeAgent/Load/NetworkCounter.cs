namespace ShardConsole.NodeAgent.Load;

/// <summary>Bytes that the node's own ports sent and received. Safe for concurrent use, never throws.</summary>
internal sealed class NetworkCounter
{
    private long total;

    /// <summary>All bytes since the start.</summary>
    public long Total => Volatile.Read(ref total);

    /// <summary>Adds bytes of the peer and gossip ports; those of clients are counted by the load recorder.</summary>
    public void Add(long bytes) => Interlocked.Add(ref total, bytes);
}
