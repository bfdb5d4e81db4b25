using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Gathers what the planner needs, runs it, and keeps what it found. One at a time.</summary>
internal sealed class PlanMaker(
    IFleet fleet, LoadIntake intake, ScoreKeeper scores, PlanStore plans, PolicyStore policies, PlanningOptions planning, ApprovalOptions options, ModelClock clock)
{
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Makes a plan for all segments, or for those named. Id of the outcome is the plan's (or of the entry that says why there is none).</summary>
    public async Task<Outcome> MakeAsync(string by, IReadOnlyList<SegmentId>? only, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            return await MakeAloneAsync(by, only, cancellation);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Moves that run or wait: of the cluster, and of plans that are going. Those of <paramref name="but"/> are left out.</summary>
    public async Task<IReadOnlyList<MoveUnderWay>> UnderWayAsync(string? but, CancellationToken cancellation)
    {
        var running = fleet.State.Migrations.Where(m => !m.Phase.IsEnded() && m.PlanHash != but).Select(m => new MoveUnderWay(m.Segment, m.From, m.To)).ToList();
        foreach (var plan in await plans.InAsync(PlanStates.Going, cancellation))
        {
            if (plan.Id != but)
            {
                running.AddRange(plan.Plan.Moves.Where(m => plan.Moves.Any(r => r.Number == m.Number && r.MigrationId == 0 && r.Outcome is null))
                    .Select(m => new MoveUnderWay(m.Segment, m.From, m.To)));
            }
        }

        return [.. running.DistinctBy(m => m.Segment)];
    }

    private async Task<Outcome> MakeAloneAsync(string by, IReadOnlyList<SegmentId>? only, CancellationToken cancellation)
    {
        if (scores.Score() is not { } board || intake.Live is not { } live)
        {
            return new Outcome("unavailable", "Nothing was measured yet: the cluster has not reported. Try again in some seconds.");
        }

        var now = clock.GetUtcNow();
        var state = fleet.State;
        var input = new PlanningInput(now, board, Bytes(live, board.Map.SegmentCount))
        {
            UnderWay = await UnderWayAsync(null, cancellation),
            Past = await plans.PastAsync(now.AddHours(-options.PastHours), cancellation),
            Only = only is null ? null : only.ToHashSet(),
            RoundTripMicros = RoundTrips(state),
            ClockFactor = clock.Factor,
        };
        var result = Planner.Run(input, planning);
        if (only is null && (await plans.InAsync([PlanState.Proposed], cancellation)).LastOrDefault() is { } kept
            && WaitingPlan.WhyItStays(kept.Plan, input, result, planning) is { } stays)
        {
            return new Outcome(null, stays, kept.Id);
        }

        var verdict = AutoApply.Decide(await policies.ListAsync(cancellation), result.Figures);
        var findings = PlanFindings.Of(result, verdict.Verdict);
        if (result.Plan is not { } plan)
        {
            return new Outcome(null, result.Reason, await plans.NothingToDoAsync(now, board.Map.Epoch, result.Reason, findings, by, cancellation));
        }

        var waiting = (await plans.InAsync([PlanState.Proposed], cancellation)).FirstOrDefault(p => SameMoves(p.Plan, plan));
        if (waiting is not null)
        {
            return new Outcome(null, $"Plan {waiting.Id[..4]} says the same and still waits.", waiting.Id);
        }

        await plans.ProposeAsync(plan, findings, by, cancellation);
        return new Outcome(null, plan.Reason, plan.Hash);
    }

    private static bool SameMoves(Plan one, Plan other) =>
        one.Moves.Select(m => (m.Segment, m.From, m.To)).SequenceEqual(other.Moves.Select(m => (m.Segment, m.From, m.To)));

    private static long[] Bytes(LiveLoad live, int segments)
    {
        var bytes = live.Now(LoadMetric.DataBytes);
        return [.. Enumerable.Range(0, segments).Select(i => float.IsNaN(bytes[i]) ? 0L : (long)bytes[i])];
    }

    private static Dictionary<(NodeId From, NodeId To), int> RoundTrips(FleetState state)
    {
        var trips = new Dictionary<(NodeId From, NodeId To), int>();
        foreach (var node in state.Nodes)
        {
            foreach (var (other, micros) in node.RoundTripMicros)
            {
                trips[(node.Id, other)] = micros;
            }
        }

        return trips;
    }
}
