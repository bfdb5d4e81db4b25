using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>What a person, a program or a policy may do with plans. The store audits every change of a plan, the settings every change of a policy.</summary>
internal sealed class PlanDesk(
    PlanStore plans, PlanMaker maker, MembershipPlans membership, PlanCheck check, SettingsStore settings, IFleet fleet, ModelClock clock) : IPlanDesk, IPlanBench
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlanSummary>> ListAsync(CancellationToken cancellation) =>
        [.. (await plans.ListAsync(cancellation)).Select(p => PlanViews.Summary(p, settings.Now.Values, clock.GetUtcNow()))];

    /// <inheritdoc/>
    public async Task<PlanDetail?> FindAsync(string id, CancellationToken cancellation) =>
        await plans.FindAsync(id, cancellation) is { } plan ? PlanViews.Detail(plan, fleet.State, settings.Now.Values, clock.GetUtcNow()) : null;

    /// <inheritdoc/>
    public async Task<Outcome> MakeAsync(Actor by, IReadOnlyList<SegmentId>? segments, CancellationToken cancellation) =>
        segments?.Where(s => s.Value >= fleet.State.Map.SegmentCount).Select(s => (SegmentId?)s).FirstOrDefault() is { } unknown
            ? new Outcome("invalid", $"segments: {unknown} is outside 0..{fleet.State.Map.SegmentCount - 1}.")
            : await maker.MakeAsync(by, segments, cancellation);

    /// <inheritdoc/>
    public Task<Outcome> ApproveAsync(string id, string? etag, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation) =>
        ApproveAsync(id, etag, startAt, inItsTime: false, by, reason, cancellation);

    // In its own time it counts as scheduled even where its time has come, as long as one of its moves is still to wait for its start.
    private async Task<Outcome> ApproveAsync(string id, string? etag, DateTimeOffset? startAt, bool inItsTime, Actor by, string reason, CancellationToken cancellation)
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

        var now = clock.GetUtcNow();
        var failures = await check.FailuresAsync(plan, cancellation);
        if (plan.State == PlanState.Proposed && failures.Count > 0)
        {
            var drift = string.Join("; ", failures);
            await plans.ChangeAsync(plan, PlanState.Stale, now, "precondition check", drift, null, cancellation);
            return new Outcome("stale", $"Plan {plan.Id[..4]} no longer holds: {drift}. Refresh it, or make a new plan.", plan.Id);
        }

        if (plan.State == PlanState.Proposed && AutoApply.WhyFourEyes(settings.Now.Values, plan.Facts) is { } why)
        {
            if (plan.RequestedBy is null)
            {
                return await plans.RequestAsync(plan, by, reason, now, cancellation)
                    ? new Outcome(null, $"Asked for a second person's approval of plan {plan.Id[..4]} ({why}).", plan.Id)
                    : new Outcome("changed", $"Plan {plan.Id[..4]} has changed meanwhile. Look at it again.", plan.Id);
            }

            if (plan.RequestedBy == by.Person)
            {
                return new Outcome("second-person", $"Plan {plan.Id[..4]} needs two people ({why}); {by.Person} asked for it, so another person has to approve.", plan.Id);
            }
        }

        startAt = inItsTime && startAt < now ? now : startAt;
        var to = startAt > now || (inItsTime && plan.Plan.Moves.Any(m => m.StartAt > now)) ? PlanState.Scheduled : PlanState.Approved;
        return !await plans.ChangeAsync(plan, to, now, by.Name, reason, startAt ?? now, cancellation) ? Conflict(plan, to)
            : new Outcome(null, to == PlanState.Scheduled ? $"Scheduled plan {plan.Id[..4]} for {startAt:u}." : $"Approved plan {plan.Id[..4]}.", plan.Id);
    }

    /// <inheritdoc/>
    public async Task<Outcome> ScheduleAsync(string id, string? etag, PlanTiming when, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (when == PlanTiming.Window)
        {
            if (WindowCalendar.Next(settings.Now.Values.Windows, now) is not { } next)
            {
                return new Outcome("no-window", $"No maintenance window comes within {WindowCalendar.HorizonDays} days. Add one to the settings, or name a moment.");
            }

            startAt = next.Start;
        }
        else if (when == PlanTiming.Trough)
        {
            startAt = await plans.FindAsync(id, cancellation) is { } plan ? plan.Findings.SuggestedStart ?? now : null;
        }

        return await ApproveAsync(id, etag, when == PlanTiming.Now ? null : startAt, when == PlanTiming.Trough, by, reason, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> EditAsync(string id, string? etag, IReadOnlyList<int> drop, IReadOnlyList<int> keep, Actor by, string reason, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, etag, cancellation);
        if (plan is null)
        {
            return refusal!;
        }

        if (plan.State != PlanState.Proposed)
        {
            return new Outcome("conflict", $"Plan {plan.Id[..4]} is {plan.State}; only a proposed plan can be edited.", plan.Id);
        }

        if (drop.Concat(keep).FirstOrDefault(n => n < 1 || n > plan.Plan.ActionCount) is not 0 and var wrong)
        {
            return new Outcome("invalid", $"{(drop.Contains(wrong) ? "drop" : "keep")}: the plan has no move {wrong}; it has 1..{plan.Plan.ActionCount}.");
        }

        bool Stays(int number) => !drop.Contains(number) && (keep.Count == 0 || keep.Contains(number));
        var moves = plan.Plan.Moves.Where(m => Stays(m.Number)).ToList();
        var transfers = plan.Plan.Transfers.Where(t => Stays(t.Number)).ToList();
        var left = Enumerable.Range(1, plan.Plan.ActionCount).Where(n => !Stays(n)).ToList();
        var why = $"Plan {plan.Id[..4]} without move {string.Join(", ", left)}{(reason.Length > 0 ? $": {reason}" : "")}";
        return left.Count == 0 ? new Outcome("invalid", "drop: name at least one move that is left out.")
            : plan.Plan.Kind != MembershipPlans.Kind ? await maker.MakeFromAsync(by, plan, moves, transfers, why, cancellation)
            : moves.Count > 0 ? await membership.EditAsync(plan, moves, why, by, cancellation)
            : new Outcome("invalid", "drop: nothing is left to move. Reject the plan instead.");
    }

    /// <inheritdoc/>
    public async Task<Outcome> RefreshAsync(string id, Actor by, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, null, cancellation);
        return plan is null ? refusal!
            : plan.Plan.Kind == MembershipPlans.Kind ? new Outcome("conflict", $"Plan {plan.Id[..4]} belongs to a member: POST /members/{{id}}/plan makes it anew.", plan.Id)
            : plan.State is PlanState.Proposed or PlanState.Stale or PlanState.Expired or PlanState.Rejected or PlanState.Failed or PlanState.Halted
                ? await maker.MakeAsync(by, plan.Findings.Only?.Select(s => new SegmentId((ushort)s)).ToList(), cancellation)
                : new Outcome("conflict", $"Plan {plan.Id[..4]} is {plan.State}; a plan that waits or goes cannot be refreshed.", plan.Id);
    }

    /// <inheritdoc/>
    public Task<Outcome> ForMemberAsync(NodeId node, Actor by, CancellationToken cancellation) => membership.MakeAsync(node, by, cancellation);

    /// <inheritdoc/>
    public async Task<Outcome> UndoAsync(string id, Actor by, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, null, cancellation);
        return plan is null ? refusal! : await membership.UndoAsync(plan, by, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> RejectAsync(string id, string? etag, string by, string reason, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, etag, cancellation);
        return plan is null ? refusal! : await ChangeAsync(plan, PlanState.Rejected, "Rejected", by, reason, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> UnscheduleAsync(string id, string by, CancellationToken cancellation)
    {
        var (plan, refusal) = await OpenAsync(id, null, cancellation);
        return plan is null ? refusal! : await ChangeAsync(plan, PlanState.Proposed, "Unscheduled", by, "taken off the schedule", cancellation);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AutoApplyPolicy>> PoliciesAsync(CancellationToken cancellation) => Task.FromResult(settings.Now.Values.Policies);

    /// <inheritdoc/>
    public Task<Outcome> SavePolicyAsync(AutoApplyPolicy policy, string by, CancellationToken cancellation) => settings.ChangeAsync(
        now => SettingsCatalog.PolicyProblem(policy, now.Values.Windows) is { } problem ? (null, new Outcome("invalid", problem))
            : (now.Values with { Policies = Replaced(now.Values.Policies, policy) }, null),
        by, "", null, cancellation);

    /// <inheritdoc/>
    public Task<Outcome> RemovePolicyAsync(string name, Actor by, CancellationToken cancellation) => settings.ChangeAsync(
        now => now.Values.Policies.Any(p => p.Name == name) ? (now.Values with { Policies = [.. now.Values.Policies.Where(p => p.Name != name)] }, null)
            : (null, new Outcome("not-found", $"There is no policy \"{name}\".")),
        by, "", null, cancellation);

    private static IReadOnlyList<AutoApplyPolicy> Replaced(IReadOnlyList<AutoApplyPolicy> policies, AutoApplyPolicy policy) =>
        policies.Any(p => p.Name == policy.Name) ? [.. policies.Select(p => p.Name == policy.Name ? policy : p)] : [.. policies, policy];

    private async Task<(StoredPlan? Plan, Outcome? Refusal)> OpenAsync(string id, string? etag, CancellationToken cancellation)
    {
        var plan = await plans.FindAsync(id, cancellation);
        return plan is null ? (null, new Outcome("not-found", $"There is no plan {id}, or more than one begins so."))
            : etag is not null && etag != "*" && etag != plan.Etag ? (null, new Outcome("changed", $"Plan {plan.Id[..4]} has changed since it was looked at ({plan.State}). Look at it again."))
            : (plan, null);
    }

    private async Task<Outcome> ChangeAsync(StoredPlan plan, PlanState to, string done, string by, string reason, CancellationToken cancellation)
    {
        if (!await plans.ChangeAsync(plan, to, clock.GetUtcNow(), by, reason, null, cancellation))
        {
            return Conflict(plan, to);
        }

        return new Outcome(null, $"{done} plan {plan.Id[..4]}.", plan.Id);
    }

    private static Outcome Conflict(StoredPlan plan, PlanState to) => plan.State == PlanState.Stale
        ? new Outcome("stale", $"Plan {plan.Id[..4]} is Stale: {plan.Log[^1].Reason}. Refresh it, or make a new plan.", plan.Id)
        : new Outcome("conflict", $"Plan {plan.Id[..4]} is {plan.State}; it cannot become {to}.", plan.Id);
}
