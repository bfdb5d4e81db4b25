using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Rollout;

/// <summary>What a person or a program may do with running migrations. The cluster decides; everything is audited, refusals too.</summary>
internal sealed class RolloutDesk(IFleet fleet, AuditTrail audit) : IRolloutDesk
{
    /// <inheritdoc/>
    public async Task<Outcome> ChangeAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation)
    {
        var (action, done) = change switch
        {
            MoveChange.Pause => ("migration-paused", $"Paused migration {migration}."),
            MoveChange.Resume => ("migration-resumed", $"Resumed migration {migration}."),
            MoveChange.Rollback => ("migration-rolled-back", $"Rolls back migration {migration}."),
            MoveChange.Finish => ("retention-ended", $"Ended the retention of migration {migration}."),
            _ => ("migration-cancelled", $"Cancelled migration {migration}."),
        };
        var answer = await fleet.ChangeMoveAsync(migration, change, by, reason, cancellation);
        var outcome = await DoneAsync(answer, by, action, $"{migration}", reason, done, cancellation);
        return change == MoveChange.Rollback && answer.Accepted ? outcome with { Id = $"{answer.MigrationId}" } : outcome;
    }

    /// <inheritdoc/>
    public async Task<Outcome> LeadAsync(ShardId shard, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation)
    {
        var answer = await fleet.TransferLeaderAsync(shard, new TransferLeader(from, to, by, reason), cancellation);
        return await DoneAsync(answer, by, "leader-transferred", shard.ToString(), $"from {from} to {to}: {reason}", $"{fleet.State.Find(to)?.Member.Name ?? to.ToString()} is to lead {shard}.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> SetHaltAsync(bool halted, string by, string reason, CancellationToken cancellation)
    {
        var answer = await fleet.SetHaltAsync(new SetHalt(halted, by, reason), cancellation);
        return await DoneAsync(answer, by, halted ? "halted" : "resumed", "cluster", reason, halted ? "Halted all moves." : "Resumed; the former settings are in force.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> SetLimitsAsync(MigrationLimits limits, string by, CancellationToken cancellation)
    {
        if (Problem(limits) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        var answer = await fleet.SetLimitsAsync(limits, cancellation);
        return await DoneAsync(answer, by, "limits-changed", "cluster", limits.ToString(), "Changed the limits.", cancellation);
    }

    private static string? Problem(MigrationLimits limits) =>
        limits.MaxConcurrentMoves is < 1 or > 64 ? $"maxConcurrentMoves: {limits.MaxConcurrentMoves} is outside 1..64."
        : limits.NodeBytesPerSecond < 1000 ? $"nodeBytesPerSecond: {limits.NodeBytesPerSecond} is below 1000."
        : limits.ClusterBytesPerSecond < 1000 ? $"clusterBytesPerSecond: {limits.ClusterBytesPerSecond} is below 1000."
        : limits.ClientP99GuardMicros < 0 ? $"clientP99GuardMicros: {limits.ClientP99GuardMicros} is negative."
        : limits.RetainSeconds is < 0 or > 86_400 ? $"retainSeconds: {limits.RetainSeconds} is outside 0..86400."
        : limits.CutOverLimitMs is < 50 or > 10_000 ? $"cutOverLimitMs: {limits.CutOverLimitMs} is outside 50..10000."
        : limits.MaxNodeMoves is < 0 or > 64 ? $"maxNodeMoves: {limits.MaxNodeMoves} is outside 0..64."
        : limits.BatchSegments is < 1 or > 256 ? $"batchSegments: {limits.BatchSegments} is outside 1..256."
        : null;

    private async Task<Outcome> DoneAsync(
        MetaAnswer answer, string by, string action, string subject, string detail, string done, CancellationToken cancellation)
    {
        await audit.AddAsync(by, action, subject, answer.Accepted ? detail : $"refused ({answer.Error}): {detail}", cancellation);
        return answer.Accepted ? new Outcome(null, done, subject) : new Outcome(answer.Error ?? "refused", answer.Detail ?? "The cluster refused it.", subject);
    }
}
