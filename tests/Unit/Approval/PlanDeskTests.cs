using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Approval;

public sealed class PlanDeskTests : IDisposable
{
    private readonly PlanWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task An_approved_plan_starts_now_and_is_audited()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));

        var outcome = await world.Desk.ApproveAsync(plan.Id[..6], plan.Etag, null, "ann", "looks right", default);

        var kept = await world.FindAsync(plan.Plan);
        Assert.Equal(new Outcome(null, $"Approved plan {plan.Id[..4]}.", plan.Id), outcome);
        Assert.Equal((PlanState.Approved, TestClock.Start), (kept.State, kept.StartAt));
        Assert.Equal(new PlanLogEntry(TestClock.Start, PlanState.Approved, "ann", "looks right"), kept.Log[^1]);
        var audit = (await world.Audit.ListAsync(0, 10, default))[0];
        Assert.Equal(("ann", "plan-approved", plan.Id, "looks right"), (audit.By, audit.Action, audit.Subject, audit.Detail));
    }

    [Fact]
    public async Task A_plan_whose_segment_has_another_owner_is_stale_and_says_which()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2, 4));
        world.Fleet.State = world.Fleet.State with { Map = world.Fleet.Moved(new SegmentId(4), Reports.S2) };

        var outcome = await world.Desk.ApproveAsync(plan.Id, plan.Etag, null, "ann", "", default);

        const string Why = "epoch 2: segment 4 belongs to s-02, the plan moves it from s-01";
        var kept = await world.FindAsync(plan.Plan);
        Assert.Equal("stale", outcome.Code);
        Assert.Contains(Why, outcome.Detail, StringComparison.Ordinal);
        Assert.Equal((PlanState.Stale, Why), (kept.State, kept.Log[^1].Reason));
        var again = await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default);
        Assert.Equal("stale", again.Code);
        Assert.Contains(Why, again.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_uses_a_dead_node_is_stale()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));
        var nodes = world.Fleet.State.Nodes.Select(n => n.Id == Reports.N2 ? n with { Health = "dead" } : n).ToList();
        world.Fleet.State = world.Fleet.State with { Nodes = nodes };

        var outcome = await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default);

        Assert.Equal("stale", outcome.Code);
        Assert.Contains($"node {Reports.N2} is not alive", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_judged_before_the_cluster_was_heard()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));
        world.Fleet.State = FleetState.Unknown;

        var outcome = await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default);

        Assert.Equal("unavailable", outcome.Code);
        Assert.Equal(PlanState.Proposed, (await world.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task The_planner_hears_which_segments_are_used_together()
    {
        world.Patterns.Known = [new SegmentLink(new SegmentId(1), new SegmentId(2), 5)];
        await world.Intake.StartAsync(world.Fleet.State.Map.SegmentCount, default);
        await world.Intake.AcceptAsync(Reports.Report(Reports.N1, 1, TestClock.Start, Reports.Load(4, 30, 10, 2000)), default);

        var input = await world.Maker.InputAsync(world.Settings.Now.Scoring, null, default);

        Assert.Equal(world.Patterns.Known, input!.Links);
    }

    [Fact]
    public async Task A_decision_on_a_state_that_was_not_looked_at_is_refused()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));
        await world.Desk.ApproveAsync(plan.Id, plan.Etag, TestClock.Start.AddHours(1), "ann", "", default);

        var outcome = await world.Desk.RejectAsync(plan.Id, plan.Etag, "bob", "no", default);

        Assert.Equal("changed", outcome.Code);
        Assert.Equal(PlanState.Scheduled, (await world.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task A_plan_for_later_is_scheduled_and_can_be_taken_off_the_schedule()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));

        await world.Desk.ApproveAsync(plan.Id, null, TestClock.Start.AddHours(1), "ann", "", default);
        var scheduled = await world.FindAsync(plan.Plan);
        var outcome = await world.Desk.UnscheduleAsync(plan.Id, "ann", default);

        Assert.Equal((PlanState.Scheduled, TestClock.Start.AddHours(1)), (scheduled.State, scheduled.StartAt));
        Assert.True(outcome.Done);
        Assert.Equal(PlanState.Proposed, (await world.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task An_ended_plan_cannot_be_approved()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));
        await world.Desk.RejectAsync(plan.Id, null, "ann", "no", default);

        var outcome = await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default);

        Assert.Equal(new Outcome("conflict", $"Plan {plan.Id[..4]} is Rejected; it cannot become Approved.", plan.Id), outcome);
    }

    [Fact]
    public async Task An_unknown_plan_is_not_found() =>
        Assert.Equal("not-found", (await world.Desk.ApproveAsync("abcd", null, null, "ann", "", default)).Code);

    [Fact]
    public async Task A_policy_that_cannot_be_used_is_refused_with_its_field()
    {
        var outcome = await world.Desk.SavePolicyAsync(new AutoApplyPolicy("night", true, 5, 1, 1.5, 0), "ann", default);

        Assert.Equal(new Outcome("invalid", "minConfidence: 1.5 is outside 0..1."), outcome);
        Assert.Equal("small moves", Assert.Single(await world.Desk.PoliciesAsync(default)).Name);
    }

    [Fact]
    public async Task A_segment_that_does_not_exist_cannot_be_planned_for()
    {
        var outcome = await world.Desk.MakeAsync("ann", [new SegmentId(64)], default);

        Assert.Equal(new Outcome("invalid", "segments: 64 is outside 0..63."), outcome);
    }

    [Fact]
    public async Task Where_two_people_are_needed_the_one_who_asked_cannot_approve_not_even_by_a_key()
    {
        await world.SetAsync(v => v with { FourEyes = FourEyes.Always });
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));

        Assert.True((await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default)).Done);
        Assert.Equal((PlanState.Proposed, "ann"), ((await world.FindAsync(plan.Plan)).State, (await world.FindAsync(plan.Plan)).RequestedBy));
        Assert.Equal("second-person", (await world.Desk.ApproveAsync(plan.Id, null, null, "ann", "", default)).Code);
        Assert.Equal("second-person", (await world.Desk.ApproveAsync(plan.Id, null, null, new Actor("key deploy", "ann"), "", default)).Code);
        Assert.True((await world.Desk.ApproveAsync(plan.Id, null, null, "bob", "", default)).Done);
        Assert.Equal(PlanState.Approved, (await world.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task A_plan_is_scheduled_into_the_next_window()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));
        Assert.Equal("no-window", (await world.Desk.ScheduleAsync(plan.Id, null, PlanTiming.Window, null, "ann", "", default)).Code);
        await world.SetAsync(v => v with { Windows = [new WindowRule("nights", WindowKind.Maintenance, true, [], new TimeOnly(22, 0), new TimeOnly(6, 0), "UTC")] });

        Assert.True((await world.Desk.ScheduleAsync(plan.Id, null, PlanTiming.Window, null, "ann", "", default)).Done);

        Assert.Equal((PlanState.Scheduled, TestClock.Start.AddHours(10)), ((await world.FindAsync(plan.Plan)).State, (await world.FindAsync(plan.Plan)).StartAt));
    }

    [Fact]
    public async Task Entries_that_there_was_nothing_to_do_are_kept_up_to_the_limit_and_the_same_one_once()
    {
        var findings = new PlanFindings(0, 0, null, null, 0, 0, 0, null, null, [], [], "");
        for (var i = 0; i < 6; i++)
        {
            await world.Plans.NothingToDoAsync(TestClock.Start.AddMinutes(i), 1, $"reason {i / 2 * 2}", findings, "planner", default);
            await world.Plans.NothingToDoAsync(TestClock.Start.AddMinutes(i + 0.5), 1, $"reason {i}", findings, "planner", default);
        }

        var kept = await world.Plans.ListAsync(default);
        Assert.Equal(["reason 5", "reason 4", "reason 3"], kept.Select(p => p.Plan.Reason));
    }
}
