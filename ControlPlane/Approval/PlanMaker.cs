using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Gathers what the planner needs, runs it, and keeps what it found. One at a time.</summary>
internal sealed class PlanMaker(
    IFleet fleet, LoadIntake intake, ScoreKeeper scores, PlanStore plans, SettingsStore settings, IAccessPatterns patterns, ApprovalOptions options, ModelClock clock)
{
    /// <summary>The answer before the cluster has reported.</summary>
    public static readonly Outcome NothingMeasured = new("unavailable", "Nothing was measured yet: the cluster has not reported. Try again in some seconds.");

    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Makes a plan for all segments, or for those named. Id of the outcome is the plan's (or of the entry that says why there is none).</summary>
    public async Task<Outcome> MakeAsync(Actor by, IReadOnlyList<SegmentId>? only, CancellationToken cancellation)
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

    /// <summary>Keeps the plan of the given moves and transfers, with what it would do now, in the place of the plan that it was made from. Id of the outcome is the new plan's.</summary>
    public async Task<Outcome> MakeFromAsync(
        Actor by, StoredPlan from, IEnumerable<Move> moves, IEnumerable<LeaderTransfer> transfers, string reason, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var inForce = settings.Now;
            if (await InputAsync(inForce.Scoring, null, cancellation) is not { } input)
            {
                return NothingMeasured;
            }

            var result = Planner.Evaluate(input, inForce.Planning, moves, transfers, reason);
            if (result.Plan is not { } plan)
            {
                return new Outcome("invalid", $"drop: {result.Reason} Reject the plan instead.");
            }

            await plans.ProposeAsync(plan, PlanFindings.Of(result, "") with { MadeFrom = from.Id, Only = from.Findings.Only }, by, cancellation);
            return new Outcome(null, plan.Reason, plan.Hash);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>What a plan would be under other settings; keeps nothing. Null until something was measured.</summary>
    public async Task<PlanningResult?> TryAsync(ScoringOptions scoring, PlanningOptions planning, IReadOnlyList<ConstraintRule> constraints, CancellationToken cancellation) =>
        await InputAsync(scoring, null, cancellation) is { } input
            ? await ComputeThreads.RunAsync(() => Planner.Run(input with { Constraints = ConstraintsOf(constraints) }, planning), cancellation) : null;

    /// <summary>What operators have forbidden, as the planner takes it: the rules given, or those in force.</summary>
    public IReadOnlyList<PlanConstraint> ConstraintsOf(IReadOnlyList<ConstraintRule>? rules) => ConstraintRules.For(
        rules ?? settings.Now.Values.Constraints, fleet.State.Map.SegmentCount, name => fleet.State.Nodes.FirstOrDefault(n => n.Member.Name == name)?.Id);

    /// <summary>Everything that the planner needs at this moment; null until something was measured.</summary>
    public async Task<PlanningInput?> InputAsync(ScoringOptions scoring, IReadOnlyList<SegmentId>? only, CancellationToken cancellation)
    {
        if (scores.Score(scoring) is not { } board || intake.Live is not { } live)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var past = await plans.PastAsync(now.AddHours(-options.PastHours), cancellation);
        return new PlanningInput(now, board, Bytes(live, board.Map.SegmentCount))
        {
            UnderWay = await UnderWayAsync(null, cancellation),
            TransfersUnderWay = await TransfersUnderWayAsync(cancellation),
            Past = past.Moves,
            PastTransfers = past.Transfers,
            ReplicasChanging = fleet.State.ReplicaChanges.Where(c => c.Phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled)).Select(c => c.Group.Shard).ToHashSet(),
            Excluded = fleet.State.Draining.ToHashSet(),
            Constraints = ConstraintsOf(null),
            Only = only?.ToHashSet(),
            Links = patterns.Links(),
            RoundTripMicros = RoundTrips(fleet.State),
            MovesAtOnce = Math.Max(1, fleet.State.Limits.MaxConcurrentMoves),
            MovesPerNode = settings.Now.Values.MovesPerNode,
            ClusterBytesPerSecond = fleet.State.Limits.ClusterBytesPerSecond > 0 ? fleet.State.Limits.ClusterBytesPerSecond : null,
            ClockFactor = clock.Factor,
        };
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

    // From the moment when the map names the new leader on, the map tells it.
    private async Task<IReadOnlyList<TransferUnderWay>> TransfersUnderWayAsync(CancellationToken cancellation) =>
    [
        .. (await plans.InAsync(PlanStates.Going, cancellation)).SelectMany(p => p.Plan.Transfers.Where(t => p.Moves.Any(r => r.Number == t.Number && r.Outcome is null)))
            .Where(t => fleet.State.Map.Find(t.Shard)?.PreferredLeader != t.To).Select(t => new TransferUnderWay(t.Shard, t.To)).DistinctBy(t => t.Shard),
    ];

    private async Task<Outcome> MakeAloneAsync(Actor by, IReadOnlyList<SegmentId>? only, CancellationToken cancellation)
    {
        var inForce = settings.Now;
        if (await InputAsync(inForce.Scoring, only, cancellation) is not { } input)
        {
            return NothingMeasured;
        }

        var result = await ComputeThreads.RunAsync(() => Planner.Run(input, inForce.Planning), cancellation);
        if (only is null && (await plans.InAsync([PlanState.Proposed], cancellation)).LastOrDefault(p => p.Plan.Kind != MembershipPlans.Kind) is { } kept
            && WaitingPlan.WhyItStays(kept.Plan, input, result, inForce.Planning) is { } stays)
        {
            return new Outcome(null, stays, kept.Id);
        }

        var verdict = AutoApply.Decide(
            inForce.Values,
            result.Plan is { } made ? PolicyFacts.Of(made, result.Figures.Bytes, result.Figures.Confidence, result.Figures.GainMinutes) : PolicyFacts.Nothing, input.Now);
        var findings = PlanFindings.Of(result, verdict.Verdict) with { Only = only is null ? null : [.. only.Select(s => (int)s.Value)] };
        if (result.Plan is not { } plan)
        {
            return new Outcome(null, result.Reason, await plans.NothingToDoAsync(input.Now, input.Scores.Map.Epoch, result.Reason, findings, by.Name, cancellation));
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
        one.Moves.Select(m => (m.Segment, m.From, m.To)).SequenceEqual(other.Moves.Select(m => (m.Segment, m.From, m.To)))
        && one.Transfers.Select(t => (t.Shard, t.From, t.To)).SequenceEqual(other.Transfers.Select(t => (t.Shard, t.From, t.To)));

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
