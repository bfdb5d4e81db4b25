using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Support;
using static ShardConsole.Unit.Fleet.Members.MemberWorld;

namespace ShardConsole.Unit.Approval;

/// <summary>Three founders with twelve shards; n4 has joined with four of its own.</summary>
public sealed class MembershipPlansTests : IDisposable
{
    private readonly PlanWorld world = new();

    public MembershipPlansTests()
    {
        var state = Of(["", "", "", ""], founders: 3);
        world.Fleet.State = state with { Map = state.Map.Apply(new ShardsBorn([S(13), S(14), S(15), S(16)], N(4))) };
    }

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task The_plan_of_a_newcomer_is_proposed_once_and_goes_the_way_of_every_plan()
    {
        await world.Membership.LookAsync(default);
        await world.Membership.LookAsync(default);

        var plan = Assert.Single(await world.Plans.ListAsync(default));
        Assert.Equal((PlanState.Proposed, MembershipPlans.Kind), (plan.State, plan.Plan.Kind));
        Assert.All(plan.Plan.Moves, m => Assert.True(m.To.Value > 12));
        Assert.True((await world.Desk.ApproveAsync(plan.Id, plan.Etag, null, "ann", "", default)).Done);
        Assert.Equal(PlanState.Approved, (await world.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task A_plan_for_load_and_one_of_a_member_leave_each_other_alone()
    {
        await world.Membership.LookAsync(default);
        var load = PlanWorld.Of("load", 2);
        await world.Plans.ProposeAsync(load, new PlanFindings(0, 0, null, null, 0, 0, 1, null, null, [], [], ""), "planner", default);
        await world.Plans.NothingToDoAsync(TestClock.Start, 1, "calm", new PlanFindings(0, 0, null, null, 0, 0, 1, null, null, [], [], ""), "planner", default);

        var states = (await world.Plans.ListAsync(default)).ToDictionary(p => p.Plan.Kind, p => p.State);
        Assert.Equal((PlanState.Proposed, PlanState.Expired), (states[MembershipPlans.Kind], states[load.Kind]));
    }

    [Fact]
    public async Task What_a_person_rejected_is_not_proposed_again_until_one_asks()
    {
        await world.Membership.LookAsync(default);
        var plan = Assert.Single(await world.Plans.ListAsync(default));
        Assert.True((await world.Desk.RejectAsync(plan.Id, null, "ann", "later", default)).Done);

        await world.Membership.LookAsync(default);
        Assert.Single(await world.Plans.ListAsync(default));

        world.Real.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await world.Desk.ForMemberAsync(N(4), "ann", default)).Done);
        Assert.Equal(2, (await world.Plans.ListAsync(default)).Count);
    }

    [Fact]
    public async Task A_drained_member_has_a_plan_until_the_shards_that_go_own_nothing()
    {
        Own(N(4));
        world.Fleet.State = world.Fleet.State with { Draining = [N(4)], Retiring = [S(13), S(14), S(15), S(16)] };

        await world.Membership.LookAsync(default);

        var plan = Assert.Single(await world.Plans.ListAsync(default)).Plan;
        Assert.All(plan.Moves, m => Assert.Equal(S(13), m.From));
        Assert.Equal("nothing-to-do", (await world.Desk.ForMemberAsync(N(2), "ann", default)).Code);
    }

    [Fact]
    public async Task An_ended_plan_is_taken_back_by_a_plan_of_its_own_as_far_as_it_still_stands()
    {
        await world.Membership.LookAsync(default);
        var plan = Assert.Single(await world.Plans.ListAsync(default));
        Assert.Equal("conflict", (await world.Desk.UndoAsync(plan.Id, "ann", default)).Code);
        var moved = plan.Plan.Moves[0];
        var done = plan with { State = PlanState.Done, Moves = [.. plan.Moves.Select(m => { m.Outcome = m.Number <= 2 ? "done" : "cancelled"; return m; })] };
        world.Fleet.State = world.Fleet.State with { Map = world.Fleet.State.Map.Apply(new SegmentMoved(moved.Segment, moved.To, "plan")) };

        world.Real.Advance(TimeSpan.FromSeconds(1));
        var outcome = await world.Membership.UndoAsync(done, "ann", default);

        // The second one stands elsewhere again.
        var back = Assert.Single((await world.Plans.FindAsync(outcome.Id!, default))!.Plan.Moves);
        Assert.Equal((moved.Segment, moved.To, moved.From), (back.Segment, back.From, back.To));
    }

    [Fact]
    public async Task An_edited_plan_keeps_its_kind()
    {
        await world.Membership.LookAsync(default);
        var plan = Assert.Single(await world.Plans.ListAsync(default));

        world.Real.Advance(TimeSpan.FromSeconds(1));
        var outcome = await world.Desk.EditAsync(plan.Id, null, [], [1, 2], "ann", "two first", default);

        var edited = (await world.Plans.FindAsync(outcome.Id!, default))!;
        Assert.Equal((MembershipPlans.Kind, PlanState.Proposed, plan.Id), (edited.Plan.Kind, edited.State, edited.Findings.MadeFrom));
        Assert.Equal(plan.Plan.Moves.Take(2).Select(m => m.Segment), edited.Plan.Moves.Select(m => m.Segment));
        Assert.Equal(PlanState.Expired, (await world.FindAsync(plan.Plan)).State);
        Assert.Equal("conflict", (await world.Desk.RefreshAsync(edited.Id, "ann", default)).Code);
    }

    private void Own(NodeId node) => world.Fleet.State = world.Fleet.State with
    {
        Map = Enumerable.Range(0, 4).Aggregate(world.Fleet.State.Map, (map, i) => map.Apply(new SegmentMoved(new SegmentId((ushort)i), world.Fleet.State.Map.Shards.First(s => s.PreferredLeader == node).Id, "its share"))),
    };
}
