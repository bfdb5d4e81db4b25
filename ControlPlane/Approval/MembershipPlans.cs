using System.Collections.Immutable;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>
/// Proposes plans of kind "membership": the segments that the placement ring gives to the shards of a member that joined, or takes from those that go with one. They are approved,
/// scheduled, carried out and looked at as plans for load are; the cluster itself never moves a segment.
/// </summary>
internal sealed class MembershipPlans(IFleet fleet, LoadIntake intake, ScoreKeeper scores, PlanStore plans, ModelClock clock)
{
    /// <summary>Kind of these plans.</summary>
    public const string Kind = "membership";

    /// <summary>Proposes the plan of a member that waits to be filled, or is to be emptied. Id of the outcome is the plan's.</summary>
    public async Task<Outcome> MakeAsync(NodeId node, Actor by, CancellationToken cancellation)
    {
        var state = fleet.State;
        var name = state.Find(node)?.Member.Name ?? node.ToString();
        var moves = state.Draining.Contains(node) ? RingPlanner.Empty(state, node) : RingPlanner.Fill(state, node);
        if (moves.Count == 0)
        {
            return new Outcome("nothing-to-do", $"No segment is to go to {name} or from it: its shards have their share, or none of them is to go.", name);
        }

        var plan = PlanOf(state, moves, state.Draining.Contains(node) ? $"Empties the shards that go with {name}" : $"Fills the shards that came with {name}");
        if ((await OpenAsync(cancellation)).FirstOrDefault(p => SameMoves(p.Plan, plan)) is { } same)
        {
            return new Outcome(null, $"Plan {same.Id[..4]} says the same and is {same.State}.", same.Id);
        }

        var bytes = plan.Moves.Sum(m => m.Bytes);
        var seconds = state.Limits.ClusterBytesPerSecond > 0 ? bytes / (double)state.Limits.ClusterBytesPerSecond : 0;
        await plans.ProposeAsync(plan, new PlanFindings(bytes, seconds, null, null, 0, 0, 1, null, null, [], [], ""), by, cancellation);
        return new Outcome(null, plan.Reason, plan.Hash);
    }

    /// <summary>
    /// Proposes by itself what a look shows to be due: for a member whose shards own nothing yet, and for a drained one whose shards still own something. What a person rejected is not
    /// proposed again by itself; one who wants it after all asks.
    /// </summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var state = fleet.State;
        foreach (var node in state.Nodes.Where(n => n.IsServing).Select(n => n.Id))
        {
            var empties = state.Draining.Contains(node);
            var due = empties ? RingPlanner.Leaving(state, node).Count > 0 : OwnsNothing(state, node) && RingPlanner.Waiting(state, node).Count > 0;
            if (due && !await IsKnownAsync(state, node, empties, cancellation))
            {
                await MakeAsync(node, PlanJob.By, cancellation);
            }
        }
    }

    /// <summary>The segments that a plan moved go back to where they came from, as a plan of its own. Id of the outcome is that plan's.</summary>
    public async Task<Outcome> UndoAsync(StoredPlan done, Actor by, CancellationToken cancellation)
    {
        var state = fleet.State;
        var ended = done.Moves.Where(m => m.Outcome == "done").Select(m => m.Number).ToHashSet();
        var back = done.Plan.Moves.Where(m => ended.Contains(m.Number) && state.Map.OwnerOf(m.Segment) == m.To && state.Map.Find(m.From) is not null)
            .Select(m => new RingMove(m.Segment, m.To, m.From, $"Plan {done.Id[..4]} moved it from {m.From}; that is taken back.")).OrderBy(m => m.From).ThenBy(m => m.To).ThenBy(m => m.Segment).ToList();
        if (done.State is not (PlanState.Done or PlanState.Failed or PlanState.Halted) || back.Count == 0)
        {
            return new Outcome("conflict", $"Plan {done.Id[..4]} is {done.State}, and {back.Count} of its segments are where it moved them: only what an ended plan has moved can be taken back.", done.Id);
        }

        var plan = PlanOf(state, back, $"Takes back plan {done.Id[..4]}");
        var bytes = plan.Moves.Sum(m => m.Bytes);
        await plans.ProposeAsync(plan, new PlanFindings(bytes, 0, null, null, 0, 0, 1, null, null, [], [], "") { MadeFrom = done.Id }, by, cancellation);
        return new Outcome(null, plan.Reason, plan.Hash);
    }

    /// <summary>The plan without some of its moves, in its place. Id of the outcome is the new plan's.</summary>
    public async Task<Outcome> EditAsync(StoredPlan from, IReadOnlyList<Move> kept, string reason, Actor by, CancellationToken cancellation)
    {
        var plan = new Plan(Kind, clock.GetUtcNow(), fleet.State.Map.Epoch, reason, [.. kept.Select((m, i) => m with { Number = i + 1 })], from.Plan.Preconditions);
        await plans.ProposeAsync(plan, from.Findings with { Bytes = plan.Moves.Sum(m => m.Bytes), MadeFrom = from.Id }, by, cancellation);
        return new Outcome(null, plan.Reason, plan.Hash);
    }

    private Plan PlanOf(FleetState state, IReadOnlyList<RingMove> moves, string reason)
    {
        var peaks = (scores.Newest?.Segments ?? []).ToDictionary(s => s.Segment, s => s.Peak);
        var bytes = intake.Live?.Now(LoadMetric.DataBytes);
        var shards = moves.SelectMany(m => new[] { m.From, m.To }).Distinct().Order().ToImmutableArray();
        ImmutableArray<NodeId> members = [.. shards.Select(s => state.Map.Find(s)!.PreferredLeader).Distinct().Order()];

        // What a member brings or takes away does not hang on a forecast: no peak is a precondition.
        return new Plan(
            Kind, clock.GetUtcNow(), state.Map.Epoch, $"{reason}: {moves.Count} segments, {moves.Select(m => m.From).Distinct().Count()} shards give, {moves.Select(m => m.To).Distinct().Count()} take.",
            [.. moves.Select((m, i) => new Move(i + 1, m.Segment, m.From, m.To, Known(peaks.GetValueOrDefault(m.Segment)), BytesOf(bytes, m.Segment), m.Reason))],
            new PlanPreconditions(shards, members, 1, []));
    }

    private static double Known(double value) => double.IsFinite(value) ? value : 0;

    private static long BytesOf(float[]? bytes, SegmentId segment) => bytes is null || float.IsNaN(bytes[segment.Value]) ? 0 : (long)bytes[segment.Value];

    private static bool OwnsNothing(FleetState state, NodeId node) => !state.Map.Owners.Any(o => state.Map.Find(o)?.PreferredLeader == node);

    private async Task<IReadOnlyList<StoredPlan>> OpenAsync(CancellationToken cancellation) =>
        [.. (await plans.InAsync([PlanState.Proposed, .. PlanStates.Going], cancellation)).Where(p => p.Plan.Kind == Kind)];

    // After a restart too: a plan that is open, or that somebody rejected, speaks for the shards that it names.
    private async Task<bool> IsKnownAsync(FleetState state, NodeId node, bool empties, CancellationToken cancellation)
    {
        var shards = (empties ? RingPlanner.Leaving(state, node) : RingPlanner.Waiting(state, node)).ToHashSet();
        return (await plans.InAsync([PlanState.Proposed, PlanState.Rejected, .. PlanStates.Going], cancellation))
            .Any(p => p.Plan.Kind == Kind && p.Plan.Moves.Any(m => shards.Contains(empties ? m.From : m.To)));
    }

    private static bool SameMoves(Plan one, Plan other) => one.Moves.Select(m => (m.Segment, m.From, m.To)).SequenceEqual(other.Moves.Select(m => (m.Segment, m.From, m.To)));
}
