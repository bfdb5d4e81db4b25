namespace ShardConsole.NodeAgent.Membership;

/// <summary>What the gossip port saw. Safe for concurrent use.</summary>
internal sealed class GossipCounters
{
    public long Received;

    public long Sent;

    /// <summary>Datagrams and push/pulls that were cut off, unreadable, or sealed with another key.</summary>
    public long Rubbish;

    /// <summary>Dropped: the inbox was full, the receiver unknown, or the socket refused.</summary>
    public long Dropped;

    public long PushPullsDone;

    public long PushPullsFailed;
}
