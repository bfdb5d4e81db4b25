using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>What a person, a program or a policy may do with plans. Everything that changes something is audited.</summary>
internal sealed class PlanDesk(
    PlanStore plans, PlanMaker maker, PlanCheck check, PolicyStore policies, AuditTrail audit, IFleet fleet, ModelClock clock) : IPlanDesk
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlanSummary>> ListAsync(CancellationToken cancellation) =>
        [.. (await plans.ListAsync(cancellation)).Select(PlanViews.Summary)];

    /// <inheritdoc/>
    public async Task<PlanDetail?> FindAsync(string id, CancellationToken cancellation) =>
        await plans.FindAsync(id, cancellation) is { } plan ? PlanViews.Detail(plan, fleet.State) : null;

    /// <inheritdoc/>
    public async Task<Outcome> MakeAsync(string by, IReadOnlyList<SegmentId>? segments, CancellationToken cancellation)
    {
        var unknown = segments?.Where(s => s.Value >= fleet.State.Map.SegmentCount).ToList();
        if (unknown is { Count: > 0 })
        {
            return new Outcome("invalid", $"segments: {unknown[0]} is outside 0..{fleet.State.Map.SegmentCount - 1}.");
        }

        var outcome = await maker.MakeAsync(by, segments, cancellation);
        await audit.AddAsync(by, "plan-made", outcome.Id ?? "", outcome.Detail, cancellation);
        return outcome;
    }

    /// <inheritdoc/>
    public async Task<Outcome> ApproveAsync(string id, string? etag, DateTimeOffset? startAt, string by, string reason, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, etag, cancellation);
        if (plan is null)
        {
            return refusal!;
        }

        if (fleet.State is not { AnsweredAt: not null, Map.SegmentCount: > 0 })
        {
            return new Outcome("unavailable", "The cluster has not answered yet, so the plan's preconditions cannot be checked. Try again in some seconds.", plan.Id);
        }

        var failures = await check.FailuresAsync(plan, cancellation);
        if (plan.State == PlanState.Proposed && failures.Count > 0)
        {
            var drift = string.Join("; ", failures);
            await plans.ChangeAsync(plan, PlanState.Stale, clock.GetUtcNow(), "precondition check", drift, null, cancellation);
            await audit.AddAsync(by, "plan-stale", plan.Id, drift, cancellation);
            return new Outcome("stale", $"Plan {plan.Id[..4]} no longer holds: {drift}. Make a new plan.", plan.Id);
        }

        var now = clock.GetUtcNow();
        var to = startAt is { } at && at > now ? PlanState.Scheduled : PlanState.Approved;
        if (!await plans.ChangeAsync(plan, to, now, by, reason, startAt ?? now, cancellation))
        {
            return Conflict(plan, to);
        }

        await audit.AddAsync(by, to == PlanState.Scheduled ? "plan-scheduled" : "plan-approved", plan.Id, reason, cancellation);
        return new Outcome(null, to == PlanState.Scheduled ? $"Scheduled plan {plan.Id[..4]} for {startAt:u}." : $"Approved plan {plan.Id[..4]}.", plan.Id);
    }

    /// <inheritdoc/>
    public async Task<Outcome> RejectAsync(string id, string? etag, string by, string reason, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, etag, cancellation);
        return plan is null ? refusal! : await ChangeAsync(plan, PlanState.Rejected, "plan-rejected", "Rejected", by, reason, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> UnscheduleAsync(string id, string by, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, null, cancellation);
        return plan is null ? refusal! : await ChangeAsync(plan, PlanState.Proposed, "plan-unscheduled", "Unscheduled", by, "taken off the schedule", cancellation);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AutoApplyPolicy>> PoliciesAsync(CancellationToken cancellation) => policies.ListAsync(cancellation);

    /// <inheritdoc/>
    public async Task<Outcome> SavePolicyAsync(AutoApplyPolicy policy, string by, CancellationToken cancellation)
    {
        var outcome = await policies.SaveAsync(policy, cancellation);
        if (outcome.Done)
        {
            await audit.AddAsync(by, "policy-saved", policy.Name, policy.ToString(), cancellation);
        }

        return outcome;
    }

    private async Task<(StoredPlan? Plan, Outcome? Refusal)> OpenAsync(string id, string? etag, CancellationToken cancellation)
    {
        var plan = await plans.FindAsync(id, cancellation);
        return plan is null ? (null, new Outcome("not-found", $"There is no plan {id}, or more than one begins so."))
            : etag is not null && etag != "*" && etag != plan.Etag ? (null, new Outcome("changed", $"Plan {plan.Id[..4]} has changed since it was looked at ({plan.State}). Look at it again."))
            : (plan, null);
    }

    private async Task<Outcome> ChangeAsync(StoredPlan plan, PlanState to, string action, string done, string by, string reason, CancellationToken cancellation)
    {
        if (!await plans.ChangeAsync(plan, to, clock.GetUtcNow(), by, reason, null, cancellation))
        {
            return Conflict(plan, to);
        }

        await audit.AddAsync(by, action, plan.Id, reason, cancellation);
        return new Outcome(null, $"{done} plan {plan.Id[..4]}.", plan.Id);
    }

    private static Outcome Conflict(StoredPlan plan, PlanState to) => plan.State == PlanState.Stale
        ? new Outcome("stale", $"Plan {plan.Id[..4]} is Stale: {plan.Log[^1].Reason}. Make a new plan.", plan.Id)
        : new Outcome("conflict", $"Plan {plan.Id[..4]} is {plan.State}; it cannot become {to}.", plan.Id);
}
