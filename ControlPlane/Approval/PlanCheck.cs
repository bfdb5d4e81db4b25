using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Whether a kept plan still holds, with the cluster as it is now.</summary>
internal sealed class PlanCheck(IFleet fleet, ScoreKeeper scores, PlanMaker maker)
{
    /// <summary>The failed preconditions in words; empty when the plan holds.</summary>
    public async Task<IReadOnlyList<string>> FailuresAsync(StoredPlan plan, CancellationToken cancellation)
    {
        var state = fleet.State;
        var alive = state.Nodes.Where(n => n.IsServing).Select(n => n.Id).ToHashSet();
        var peaks = (scores.Newest?.Shards ?? []).ToDictionary(s => s.Shard, s => s.Peak);
        var begun = plan.Moves.Where(m => m.MigrationId != 0 || m.StartedAt is not null || m.Outcome is not null).Select(m => m.Number).ToHashSet();
        return PlanPreconditionCheck.Failures(plan.Plan, state.Map, alive, peaks, await maker.UnderWayAsync(plan.Id, cancellation), begun, maker.ConstraintsOf(null));
    }
}
