using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Fleet;

/// <summary>A fleet whose state the test sets.</summary>
internal sealed class FakeFleet : IFleet
{
    public event Action? Changed;

    public FleetState State { get; private set; } = FleetState.Unknown;

    public void Set(FleetState state)
    {
        State = state;
        Changed?.Invoke();
    }

    public Task<MetaAnswer> StartMoveAsync(StartMigration move, CancellationToken cancellation) => Accepted();

    public Task<MetaAnswer> ChangeMoveAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation) => Accepted();

    public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation) => Accepted();

    /// <summary>Limits that were asked for, in order.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<MigrationLimits> Limits { get; } = [];

    /// <summary>What the next change of the limits answers; taken by it.</summary>
    public MetaAnswer? NextLimitsAnswer { get; set; }

    public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation)
    {
        Limits.Enqueue(limits);
        var answer = NextLimitsAnswer;
        NextLimitsAnswer = null;
        return answer is null ? Accepted() : Task.FromResult(answer);
    }

    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, MemberChange change, string by, string reason, CancellationToken cancellation) => Accepted();

    public Task<MetaAnswer> ReplaceReplicaAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation) => Accepted();

    public Task<MetaAnswer> TransferLeaderAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) => Accepted();

    public Task<MetaAnswer> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation) => Accepted();

    public Task<IReadOnlyList<ShardId>> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ShardId>>([]);

    public Task<MetaAnswer> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation) => Accepted();

    private static Task<MetaAnswer> Accepted() => Task.FromResult(new MetaAnswer(true, 1, null, null));
}
