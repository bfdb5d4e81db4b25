using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>The cluster as this node knows it. Immutable answers, swapped whole; safe for concurrent use.</summary>
internal interface INodeView
{
    NodeId Self { get; }

    /// <summary>Newest map; <see cref="ShardMap.Empty"/> before the cluster is founded.</summary>
    ShardMap Map { get; }

    /// <summary>Members by id, as the meta group's member list has them.</summary>
    IReadOnlyDictionary<NodeId, Member> Members { get; }

    /// <summary>Whether gossip holds the node for reachable.</summary>
    bool IsAlive(NodeId node);

    /// <summary>The replica of a shard on this node; null where it holds none.</summary>
    IShardReplica? Replica(ShardId shard);

    /// <summary>All replicas of this node.</summary>
    IReadOnlyList<IShardReplica> Replicas { get; }

    /// <summary>Best knowledge of who leads a shard: the replica here, gossip, else the preferred leader of the map.</summary>
    NodeId LeaderOf(ShardId shard);

    /// <summary>
    /// Completes after the next change of the map, of a segment's state in a replica of this node, of a replica's ability to serve, or of who is known to lead.
    /// Take it first, look second, await third: then no change is missed. Its continuations must not run on the thread that completes it.
    /// </summary>
    Task NextChange { get; }

    /// <summary>Round-trip figures to peers for CLUSTER LINKS: node, sent and received bytes, connected since (Unix ms).</summary>
    IReadOnlyList<(NodeId Node, long SendBufferBytes, long ConnectedSinceMs)> Links { get; }

    /// <summary>Group of CLUSTER INFO's counters: the highest term seen of the meta group.</summary>
    ulong MetaTerm { get; }
}
