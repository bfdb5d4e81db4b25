using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// The cluster that is steered. The one place that knows how a cluster is spoken to; nothing above knows a protocol.
/// Safe for concurrent use. Requests answer a refusal as a value; a cluster that cannot be reached answers the error "unavailable".
/// </summary>
internal interface IFleet
{
    /// <summary>The newest snapshot; take it once per request.</summary>
    FleetState State { get; }

    /// <summary>Raised after <see cref="State"/> was replaced. Handlers must not block.</summary>
    event Action? Changed;

    /// <summary>Begins a migration. Safe to repeat: a known move answers its existing migration.</summary>
    Task<MetaAnswer> StartMoveAsync(StartMigration move, CancellationToken cancellation);

    /// <summary>Cancels, pauses, resumes or rolls back a migration, or ends its retention.</summary>
    Task<MetaAnswer> ChangeMoveAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation);

    /// <summary>Halts or resumes all migrations.</summary>
    Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation);

    /// <summary>Replaces the limits of all migrations.</summary>
    Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation);

    /// <summary>Begins to empty a member, ends that, or lets an empty one go. Safe to repeat.</summary>
    Task<MetaAnswer> ChangeMemberAsync(NodeId node, MemberChange change, string by, string reason, CancellationToken cancellation);

    /// <summary>Begins a change of a group's replicas; the answer's id is the change's. Safe to repeat: a known change answers itself.</summary>
    Task<MetaAnswer> ReplaceReplicaAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation);

    /// <summary>Names another preferred leader of a shard; leadership follows as soon as that one has caught up. Safe to repeat.</summary>
    Task<MetaAnswer> TransferLeaderAsync(ShardId shard, TransferLeader request, CancellationToken cancellation);

    /// <summary>Takes a change of replicas back.</summary>
    Task<MetaAnswer> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation);

    /// <summary>Begins comparisons of the replicas of one shard, or of all.</summary>
    /// <returns>The shards whose comparison begins; none where nobody who leads one could be asked.</returns>
    Task<IReadOnlyList<ShardId>> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation);

    /// <summary>Drops a segment that a group holds although another shard owns it; the meta group is asked once more before.</summary>
    Task<MetaAnswer> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation);
}

/// <summary>What may be asked about a member.</summary>
internal enum MemberChange
{
    /// <summary>Its replicas and leaders go to others, and it gets no new ones.</summary>
    Drain,

    /// <summary>As <see cref="Drain"/>, and the shards that it leads go with it: a plan moves their segments away, then they are removed.</summary>
    Retire,

    /// <summary>It stays: what is under way goes back.</summary>
    CancelDrain,

    /// <summary>It is no member any more; possible when it holds nothing.</summary>
    Leave,
}

/// <summary>What may be asked of a running migration.</summary>
internal enum MoveChange
{
    Cancel,
    Pause,
    Resume,
    Rollback,
    Finish,
}

/// <summary>The cluster at one moment. Immutable.</summary>
/// <param name="ClusterId">Empty until a cluster was seen.</param>
/// <param name="Nodes">Members, ascending by name.</param>
/// <param name="MetaLeader">The absent node where none is known.</param>
/// <param name="Migrations">Migrations that the cluster still knows, ended ones too, ascending by id.</param>
/// <param name="AnsweredAt">When a node last answered or reported, real time; null before the first.</param>
internal sealed record FleetState(
    string ClusterId, ShardMap Map, IReadOnlyList<FleetNode> Nodes, MigrationLimits Limits, bool Halted, string HaltedBy, NodeId MetaLeader,
    IReadOnlyList<MigrationStatus> Migrations, DateTimeOffset? AnsweredAt)
{
    /// <summary>Before anything was heard.</summary>
    public static readonly FleetState Unknown = new("", ShardMap.Empty, [], MigrationLimits.Default, false, "", default, [], null);

    /// <summary>Nodes that hold a replica of the meta group, ascending; empty while unknown.</summary>
    public IReadOnlyList<NodeId> MetaReplicas { get; init; } = [];

    /// <summary>Members that are being emptied, ascending.</summary>
    public IReadOnlyList<NodeId> Draining { get; init; } = [];

    /// <summary>Shards that go with the node that leads them as soon as they own nothing, ascending.</summary>
    public IReadOnlyList<ShardId> Retiring { get; init; } = [];

    /// <summary>Changes of replicas that the cluster still knows, ended ones too, newest first.</summary>
    public IReadOnlyList<ReplicaChangeStatus> ReplicaChanges { get; init; } = [];

    /// <summary>Nodes that gossip knows and the member list does not, ascending by name.</summary>
    public IReadOnlyList<Stranger> Strangers { get; init; } = [];

    /// <summary>What is known of the replicas' equality.</summary>
    public FleetIntegrity Integrity { get; init; } = FleetIntegrity.Unknown;

    /// <summary>The node, or null when it is no member.</summary>
    public FleetNode? Find(NodeId node) => Nodes.FirstOrDefault(n => n.Id == node);

    /// <summary>The node that leads a shard now; its preferred leader where no node says that it leads; the absent node for an unknown shard.</summary>
    public NodeId LeaderOf(ShardId shard)
    {
        FleetNode? best = null;
        ulong bestTerm = 0;
        foreach (var node in Nodes)
        {
            foreach (var replica in node.Replicas)
            {
                if (replica.Shard == shard && FleetNode.Leads(replica) && replica.Term >= bestTerm && node.IsServing)
                {
                    best = node;
                    bestTerm = replica.Term;
                }
            }
        }

        return best?.Id ?? Map.Find(shard)?.PreferredLeader ?? default;
    }
}

/// <summary>A member at one moment.</summary>
/// <param name="Health">"alive", "suspect", "dead" or "unknown".</param>
/// <param name="RoundTripMicros">Measured round trips to other members, microseconds, by their id.</param>
/// <param name="HeardAt">When the node last answered or reported, real time.</param>
internal sealed record FleetNode(
    Member Member, string Health, NodeUse Use, long ConnectedClients, string Version, IReadOnlyList<ReplicaStatus> Replicas,
    IReadOnlyDictionary<NodeId, int> RoundTripMicros, DateTimeOffset? HeardAt)
{
    /// <summary>Whether a replica says that it leads its shard.</summary>
    public static bool Leads(ReplicaStatus replica) => string.Equals(replica.Role, "leader", StringComparison.OrdinalIgnoreCase);

    /// <summary>The member's id.</summary>
    public NodeId Id => Member.Id;

    /// <summary>What gossip says of it at the nodes that answer, itself included.</summary>
    public IReadOnlyList<MemberOpinion> Opinions { get; init; } = [];

    /// <summary>Whether the node can be asked for something.</summary>
    public bool IsServing => Health is "alive" or "suspect";
}

/// <summary>What one node's gossip says of another.</summary>
/// <param name="State">"alive", "suspect", "dead" or "left".</param>
/// <param name="Incarnation">By which the member last refuted a suspicion.</param>
internal readonly record struct MemberOpinion(NodeId By, string State, ulong Incarnation);

/// <summary>A reachable node that is no member.</summary>
/// <param name="KnowsMap">It has the cluster's map: it was a member and left. Else it waits to be taken in.</param>
internal sealed record Stranger(NodeId Id, string Name, bool KnowsMap);
