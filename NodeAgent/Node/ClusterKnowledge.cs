using System.Collections.Frozen;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// The cluster as this node knows it: the newest map and member list that it has applied (as voter of the meta group) or fetched, and the
/// replicas it hosts. Immutable snapshots swapped whole; safe for concurrent use.
/// </summary>
internal sealed class ClusterKnowledge(NodeId self, IMembership membership) : INodeView
{
    private readonly Lock gate = new();
    private volatile Known known = Known.Nothing;
    private volatile Hosted hosted = Hosted.Nothing;
    private volatile TaskCompletionSource change = NewChange();
    private PeerHub? hub;

    /// <inheritdoc/>
    public NodeId Self => self;

    /// <inheritdoc/>
    public ShardMap Map => known.Map;

    /// <inheritdoc/>
    public IReadOnlyDictionary<NodeId, Member> Members => known.Members;

    /// <summary>All that is known; null before the cluster is founded. MetaLeader in it is empty: ask <see cref="MetaLeader"/>.</summary>
    public ClusterState? State => known.State;

    /// <summary>Digest of the map.</summary>
    public ulong MapDigest => known.Digest;

    /// <summary>Leader of the meta group as far as this node knows, with its term.</summary>
    public (NodeId Node, ulong Term) MetaLeader => hosted.Meta?.Leader is { IsNone: false } leader
        ? (leader, hosted.Meta.Term)
        : membership.View.MetaLeader() ?? default;

    /// <inheritdoc/>
    public ulong MetaTerm => hosted.Meta?.Term ?? MetaLeader.Term;

    /// <inheritdoc/>
    public IReadOnlyList<IShardReplica> Replicas => hosted.Shards.Values;

    /// <inheritdoc/>
    public Task NextChange => change.Task;

    /// <inheritdoc/>
    public IReadOnlyList<(NodeId Node, long SendBufferBytes, long ConnectedSinceMs)> Links =>
        [.. (hub?.Links ?? []).Where(l => l.Link.ConnectedSinceMs != 0).Select(l => (l.Peer, l.Link.QueuedBytes, l.Link.ConnectedSinceMs))];

    /// <summary>Gives the links to peers; once, at the start.</summary>
    public void Use(PeerHub peers) => hub = peers;

    /// <inheritdoc/>
    public bool IsAlive(NodeId node) => node == self || membership.View.IsAlive(node);

    /// <inheritdoc/>
    public IShardReplica? Replica(ShardId shard) => hosted.Shards.GetValueOrDefault(shard);

    /// <inheritdoc/>
    public NodeId LeaderOf(ShardId shard)
    {
        if (hosted.Shards.TryGetValue(shard, out var replica) && !replica.Leader.IsNone)
        {
            return replica.Leader;
        }

        return membership.View.LeaderOf(shard)?.Node ?? known.Map.Find(shard)?.PreferredLeader ?? default;
    }

    /// <summary>Takes over a newer state; one of a lower epoch, or of another cluster, is refused. True when it was taken.</summary>
    public bool Learn(ClusterState state)
    {
        lock (gate)
        {
            if (known.State is { } old && (old.ClusterId != state.ClusterId || state.Map.Epoch < old.Map.Epoch))
            {
                return false;
            }

            known = new Known(state, state.Map, state.Members.ToFrozenDictionary(m => m.Id), state.Map.Digest());
        }

        SignalChange();
        return true;
    }

    /// <summary>Somebody who waits for a segment or a leader should look again.</summary>
    public void SignalChange() => Interlocked.Exchange(ref change, NewChange()).TrySetResult();

    /// <summary>Says which replicas this node hosts.</summary>
    public void Host(IMetaView? meta, IEnumerable<IShardReplica> shards) => hosted = new Hosted(meta, shards.ToFrozenDictionary(s => s.Shard));

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Known(ClusterState? State, ShardMap Map, FrozenDictionary<NodeId, Member> Members, ulong Digest)
    {
        public static readonly Known Nothing = new(null, ShardMap.Empty, FrozenDictionary<NodeId, Member>.Empty, 0);
    }

    private sealed record Hosted(IMetaView? Meta, FrozenDictionary<ShardId, IShardReplica> Shards)
    {
        public static readonly Hosted Nothing = new(null, FrozenDictionary<ShardId, IShardReplica>.Empty);
    }
}

/// <summary>What other threads may ask of this node's replica of the meta group.</summary>
internal interface IMetaView
{
    /// <summary>Leader as known here; the absent node where none is.</summary>
    NodeId Leader { get; }

    /// <summary>Raft term.</summary>
    ulong Term { get; }
}
