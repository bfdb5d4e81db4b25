using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Approval;

public sealed class PlanStoreTests : IDisposable
{
    private readonly PlanWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_kept_plan_is_the_plan_that_was_made()
    {
        var plan = PlanWorld.Of("one", 2, 4);

        var kept = await world.ProposeAsync(plan);

        Assert.Equal(plan.Hash, kept.Plan.Hash);
        Assert.Equal(plan.Moves, kept.Plan.Moves);
        Assert.Equal(PlanState.Proposed, kept.State);
        Assert.Equal([new PlanLogEntry(TestClock.Start, PlanState.Proposed, "planner", "one")], kept.Log);
        Assert.Equal([1, 2], kept.Moves.Select(m => m.Number));
    }

    [Fact]
    public async Task A_newer_proposal_takes_the_place_of_the_older_one()
    {
        await world.ProposeAsync(PlanWorld.Of("one", 2));
        await world.ProposeAsync(PlanWorld.Of("two", 2));

        var older = await world.FindAsync(PlanWorld.Of("one", 2));

        Assert.Equal(PlanState.Expired, older.State);
        Assert.Equal($"plan {PlanWorld.Of("two", 2).Hash[..4]} took its place", older.Log[^1].Reason);
    }

    [Fact]
    public async Task A_change_of_a_plan_that_has_changed_meanwhile_is_refused()
    {
        var seen = await world.ProposeAsync(PlanWorld.Of("one", 2));
        Assert.True(await world.Plans.ChangeAsync(seen, PlanState.Scheduled, TestClock.Start, "ann", "", null, default));

        Assert.False(await world.Plans.ChangeAsync(seen, PlanState.Rejected, TestClock.Start, "bob", "", null, default));

        Assert.Equal(PlanState.Scheduled, (await world.FindAsync(seen.Plan)).State);
    }

    [Fact]
    public async Task Every_change_gives_the_plan_another_etag()
    {
        var seen = await world.ProposeAsync(PlanWorld.Of("one", 2));
        await world.Plans.ChangeAsync(seen, PlanState.Approved, TestClock.Start, "ann", "", null, default);

        Assert.NotEqual(seen.Etag, (await world.FindAsync(seen.Plan)).Etag);
    }

    [Fact]
    public async Task A_plan_is_found_by_four_digits_or_more_of_its_hash()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2));

        Assert.Equal(plan.Id, (await world.Plans.FindAsync(plan.Id[..4], default))?.Id);
        Assert.Null(await world.Plans.FindAsync(plan.Id[..3], default));
        Assert.Null(await world.Plans.FindAsync("%%%%", default));
    }

    [Fact]
    public async Task The_past_holds_the_moves_that_were_done()
    {
        var plan = await world.ProposeAsync(PlanWorld.Of("one", 2, 4));
        (plan.Moves[0].Outcome, plan.Moves[0].EndedAt) = ("done", TestClock.Start);
        (plan.Moves[1].Outcome, plan.Moves[1].EndedAt) = ("cancelled", TestClock.Start);
        await world.Plans.SaveMoveAsync(plan.Moves[0], null, default);
        await world.Plans.SaveMoveAsync(plan.Moves[1], null, default);

        Assert.Equal([new PastMove(plan.Plan.Moves[0].Segment, Reports.S1, Reports.S2, TestClock.Start)], (await world.Plans.PastAsync(TestClock.Start.AddHours(-1), default)).Moves);
        Assert.Empty((await world.Plans.PastAsync(TestClock.Start.AddHours(1), default)).Moves);
    }
}
