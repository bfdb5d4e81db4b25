using System.Collections.Immutable;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.AntiEntropy;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

/// <summary>The admin port's view of the node. Changes of the meta group are proposed here where this node leads it.</summary>
internal sealed class AdminBackend(
    NodeHost host, ClusterKnowledge knowledge, IMembership membership, IStatusSource status, ILoadView load, IMigrationView migrations, ReplicaDriver replicas, AntiEntropyDriver integrity, ulong boot, string name, TimeProvider time)
    : IAdminBackend
{
    private readonly long started = time.GetTimestamp();

    /// <inheritdoc/>
    public string? NotServing => host.NotServing;

    /// <inheritdoc/>
    public NodeState State() => new(
        knowledge.Self, name, boot, (long)time.GetElapsedTime(started).TotalSeconds, Version, status.Status() with { Use = load.Last.Use },
        [.. membership.View.Members.Values.Select(m => new GossipView(
            m.Id, m.Meta.Member.Name, m.State.ToString().ToLowerInvariant(), m.Incarnation, m.Gossip.Epoch, m.Gossip.MapDigest, m.Gossip.Use, m.RoundTripMicros))]);

    /// <inheritdoc/>
    public ClusterState Cluster() => knowledge.State is { } state
        ? state with { MetaLeader = knowledge.MetaLeader.Node }
        : new ClusterState("", ShardMap.Empty, 0, [], MigrationLimits.Default, false, "", default);

    /// <inheritdoc/>
    public IReadOnlyList<MigrationStatus> Migrations() => migrations.Migrations;

    /// <inheritdoc/>
    public NotMetaLeader? RedirectToMetaLeader()
    {
        if (host.Meta is { ServingTerm: > 0 })
        {
            return null;
        }

        var leader = knowledge.MetaLeader.Node;
        return new NotMetaLeader(
            leader, knowledge.Members.TryGetValue(leader, out var member) && leader != knowledge.Self ? $"{member.Addresses.Host}:{member.Addresses.AdminPort}" : "");
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> StartAsync(StartMigration request, CancellationToken cancellation)
    {
        // A move that is known is answered as before, whatever has happened to its target since.
        var known = migrations.Migrations.Any(m => m.PlanHash == request.PlanHash && m.MoveNumber == request.MoveNumber);
        var dead = !known && knowledge.Map.Find(request.To) is { } target && target.Replicas.Count(knowledge.IsAlive) * 2 <= target.Replicas.Length
            ? $"Shard {request.To} has no majority of live replicas ({target.Replicas.Count(knowledge.IsAlive)} of {target.Replicas.Length}). Move to another shard, or bring its nodes back."
            : null;
        return dead is null
            ? ProposeAsync(BeginMigration.Of(request, NowMs), cancellation)
            : Task.FromResult(new MetaAnswer(false, 0, "dead-node", dead));
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeAsync(ulong migration, string verb, ChangeMigration request, CancellationToken cancellation) => verb switch
    {
        "cancel" => ProposeAsync(new AbortMigration(NowMs, migration, request.By, request.Reason), cancellation),
        "pause" => ProposeAsync(new PauseMigration(NowMs, migration, true, request.By, request.Reason), cancellation),
        "resume" => ProposeAsync(new PauseMigration(NowMs, migration, false, request.By, request.Reason), cancellation),
        "rollback" => ProposeAsync(new RollBack(NowMs, migration, request.By, request.Reason), cancellation),
        "finish" => ProposeAsync(new FinishMigration(NowMs, migration) { By = request.By, Reason = request.Reason.Length == 0 ? "Retention is ended" : request.Reason }, cancellation),
        _ => Task.FromResult(new MetaAnswer(false, migration, "unsupported", $"A migration cannot be asked to {verb} in this version.")),
    };

    /// <inheritdoc/>
    public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation) =>
        ProposeAsync(new ChangeHalt(NowMs, request.Halted, request.By, request.Reason), cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation) => ProposeAsync(new ChangeLimits(NowMs, limits), cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaChangeStatus> Replicas() => replicas.Statuses;

    /// <inheritdoc/>
    public Task<MetaAnswer> ReplaceAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation)
    {
        var state = host.Meta?.Machine.State ?? MetaState.Empty;
        return ReplicaRequests.Replace(state, group, request, NowMs) switch
        {
            (null, var answer) => Task.FromResult(answer!),
            var (command, _) => ProposeAsync(command, cancellation),
        };
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> TransferAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) =>
        ProposeAsync(new SetLeader(NowMs, shard, request.From, request.To, request.By, request.Reason), cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> CancelReplicasAsync(ulong change, ChangeMigration request, CancellationToken cancellation) =>
        ProposeAsync(new CancelReplicas(NowMs, change, request.By, request.Reason), cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, string verb, ChangeMigration request, CancellationToken cancellation) => verb == "leave"
        ? ProposeAsync(new MemberLeft(NowMs, node, request.By, request.Reason), cancellation)
        : ProposeAsync(new DrainMember(NowMs, node, verb is "drain" or "retire", request.By, request.Reason) { Retires = verb == "retire" ? LedBy(node) : [] }, cancellation);

    /// <inheritdoc/>
    public NodeIntegrity Integrity() => integrity.Status;

    /// <inheritdoc/>
    public Task<ImmutableArray<ShardId>> CheckAsync(StartCheck request) =>
        integrity.BeginAsync(request.Shard, request.Reason.Length > 0 ? $"{request.By}: {request.Reason}" : request.By);

    /// <inheritdoc/>
    public Task<bool> DropOrphanAsync(SegmentId segment, ChangeMigration request) => integrity.DropAsync(segment);

    private ImmutableArray<ShardId> LedBy(NodeId node) => [.. (host.Meta?.Machine.State ?? MetaState.Empty).Map.Shards.Where(s => s.PreferredLeader == node).Select(s => s.Id)];

    private static string Version => typeof(AdminBackend).Assembly.GetName().Version?.ToString(3) ?? "";

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<MetaAnswer> ProposeAsync(MetaCommand command, CancellationToken cancellation) => host.Meta is { } meta
        ? meta.ProposeAsync(command, cancellation)
        : Task.FromResult(new MetaAnswer(false, 0, "unavailable", "This node has no replica of the meta group."));
}
