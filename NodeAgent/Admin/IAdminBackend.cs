using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Admin;

/// <summary>What the admin port asks of the node.</summary>
internal interface IAdminBackend
{
    /// <summary>Null when the node serves; else the reason why not.</summary>
    string? NotServing { get; }

    NodeState State();

    ClusterState Cluster();

    /// <summary>All migrations that the meta group still knows, progress as last reported.</summary>
    IReadOnlyList<MigrationStatus> Migrations();

    /// <summary>Who leads the meta group; asked before every change. Null when this node does.</summary>
    NotMetaLeader? RedirectToMetaLeader();

    Task<MetaAnswer> StartAsync(StartMigration request, CancellationToken cancellation);

    /// <param name="migration">The migration's id.</param>
    /// <param name="verb">"cancel", "pause", "resume", "rollback" or "finish".</param>
    Task<MetaAnswer> ChangeAsync(ulong migration, string verb, ChangeMigration request, CancellationToken cancellation);

    Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation);

    Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation);

    /// <summary>All changes of replicas that the meta group knows, newest first; what they wait for is known where it is led.</summary>
    IReadOnlyList<ReplicaChangeStatus> Replicas();

    /// <summary>Begins a change of a group's replicas; its id is the answer's.</summary>
    Task<MetaAnswer> ReplaceAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation);

    /// <summary>Names another preferred leader of a shard.</summary>
    Task<MetaAnswer> TransferAsync(ShardId shard, TransferLeader request, CancellationToken cancellation);

    /// <summary>Takes a change of replicas back.</summary>
    Task<MetaAnswer> CancelReplicasAsync(ulong change, ChangeMigration request, CancellationToken cancellation);

    /// <param name="node">The member.</param>
    /// <param name="verb">"drain", "retire" (a drain with which the shards go that the node leads), "undrain" or "leave".</param>
    Task<MetaAnswer> ChangeMemberAsync(NodeId node, string verb, ChangeMigration request, CancellationToken cancellation);

    /// <summary>What is known here of the replicas' equality: of the shards that this node leads.</summary>
    NodeIntegrity Integrity();

    /// <summary>Begins comparisons of the shards that this node leads; answers which.</summary>
    Task<ImmutableArray<ShardId>> CheckAsync(StartCheck request);

    /// <summary>Drops an orphan after asking the meta group once more. False: no shard that is led here holds the segment as one that can be dropped.</summary>
    Task<bool> DropOrphanAsync(SegmentId segment, ChangeMigration request);
}
