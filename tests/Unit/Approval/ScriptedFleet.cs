using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Approval;

/// <summary>A cluster whose snapshot and answers the test decides, and that remembers what it was asked.</summary>
internal sealed class ScriptedFleet : IFleet
{
    private readonly Dictionary<MoveId, ulong> begun = [];
    private ulong lastId = 100;
    private ulong lastKnown;

    public event Action? Changed;

    public FleetState State { get; set; } = FleetState.Unknown;

    public List<StartMigration> Started { get; } = [];

    /// <summary>Moves that were begun: the cluster knows each by its id and begins it once, however often it is asked.</summary>
    public List<MoveId> Begun { get; } = [];

    public List<SetHalt> Halts { get; } = [];

    public List<MigrationLimits> Limits { get; } = [];

    /// <summary>Why requests are refused; null accepts them.</summary>
    public string? Refusal { get; set; }

    /// <summary>Shows a move of a plan in the snapshot; in a phase after the commit its segment has the new owner.</summary>
    public void Show(Plan plan, int number, MigrationPhase phase)
    {
        var move = plan.Moves[number - 1];
        var status = new MigrationStatus(
            (ulong)(1000 + number), plan.Hash, number, move.Segment, move.From, move.To, phase, false, 0, 0, 0, 0, 0, 0, 0, []);
        var migrations = State.Migrations.Where(m => (m.PlanHash, m.MoveNumber) != (plan.Hash, number)).Append(status).ToList();
        State = State with { Migrations = migrations, Map = phase == MigrationPhase.Done ? Moved(move.Segment, move.To) : State.Map };
        Changed?.Invoke();
    }

    /// <summary>Tells that the snapshot has changed.</summary>
    public void Raise() => Changed?.Invoke();

    public ShardMap Moved(SegmentId segment, ShardId to) => State.Map.Apply(new SegmentMoved(segment, to, "test"));

    public Task<MetaAnswer> StartMoveAsync(StartMigration move, CancellationToken cancellation)
    {
        Started.Add(move);
        var id = new MoveId(move.PlanHash, move.MoveNumber);
        if (Refusal is null && !begun.TryGetValue(id, out lastKnown))
        {
            begun[id] = lastKnown = ++lastId;
            Begun.Add(id);
        }

        return Answer(Refusal is null ? lastKnown : 0);
    }

    public Task<MetaAnswer> ChangeMoveAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation) => Answer(migration);

    public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation)
    {
        Halts.Add(request);
        return Answer(0);
    }

    public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation)
    {
        Limits.Add(limits);
        return Answer(0);
    }

    /// <summary>What was asked about members, replicas and comparisons, in words.</summary>
    public List<string> Asked { get; } = [];

    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, MemberChange change, string by, string reason, CancellationToken cancellation) => Ask($"{change} {node.Value:x} by {by}: {reason}", 0);

    public Task<MetaAnswer> ReplaceReplicaAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation) =>
        Ask($"{group} from {request.From.Value:x} to {request.To.Value:x} by {request.By}: {request.Reason}", 7);

    public Task<MetaAnswer> TransferLeaderAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) =>
        Ask($"{shard} led by {request.To.Value:x}, not {request.From.Value:x}, by {request.By}: {request.Reason}", 0);

    public Task<MetaAnswer> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation) => Ask($"cancel {change} by {by}: {reason}", change);

    public async Task<IReadOnlyList<ShardId>> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation) =>
        (await Ask($"compare {shard?.ToString() ?? "all"} by {by}: {reason}", 0)).Accepted ? shard is { } one ? [one] : [.. State.Map.Shards.Select(s => s.Id)] : [];

    public Task<MetaAnswer> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation) => Ask($"drop {segment} by {by}: {reason}", 0);

    private Task<MetaAnswer> Ask(string what, ulong id)
    {
        Asked.Add(what);
        return Answer(id);
    }

    private Task<MetaAnswer> Answer(ulong id) =>
        Task.FromResult(Refusal is null ? new MetaAnswer(true, id, null, null) : new MetaAnswer(false, 0, Refusal, $"refused with {Refusal}"));
}
