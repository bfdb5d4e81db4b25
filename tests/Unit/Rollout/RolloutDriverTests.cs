using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Rollout;

public sealed class RolloutDriverTests : IDisposable
{
    private readonly PlanWorld world = new();
    private readonly Plan plan = PlanWorld.Of("one", 2, 4, 6);

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task An_approved_plan_starts_as_many_segments_of_a_pair_of_shards_as_a_batch_holds()
    {
        await ApproveAsync(limit: 2);

        await TurnsAsync(world.Driver(), 3);

        Assert.Equal(
            [
                new StartMigration(plan.Hash, 1, plan.Moves[0].Segment, Reports.S1, Reports.S2, "ann", "because"),
                new StartMigration(plan.Hash, 2, plan.Moves[1].Segment, Reports.S1, Reports.S2, "ann", "because"),
            ],
            world.Fleet.Started);
        Assert.Equal(PlanState.Running, await StateAsync());
    }

    [Fact]
    public async Task A_move_that_ends_makes_room_for_the_next_and_the_last_one_ends_the_plan()
    {
        await ApproveAsync(limit: 2);
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Shadowing);
        world.Fleet.Show(plan, 2, MigrationPhase.Preparing);
        await TurnsAsync(driver, 1);
        Assert.Equal([MigrationPhase.Shadowing, MigrationPhase.Preparing, null], await PhasesAsync());

        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        await TurnsAsync(driver, 1);
        Assert.Equal([1, 2, 3], world.Fleet.Started.Select(s => s.MoveNumber));

        world.Fleet.Show(plan, 2, MigrationPhase.Done);
        world.Fleet.Show(plan, 3, MigrationPhase.Done);
        await TurnsAsync(driver, 1);
        var ended = await world.FindAsync(plan);
        Assert.Equal(new PlanLogEntry(TestClock.Start, PlanState.Done, "rollout", "all 3 moves done"), ended.Log[^1]);
        Assert.Equal(["done", "done", "done"], ended.Moves.Select(m => m.Outcome));
    }

    [Theory]
    [InlineData(true, 1, 2)]
    [InlineData(false, 2, 2)]
    public async Task In_its_own_time_a_move_waits_for_its_start_and_by_hand_it_does_not(bool inItsTime, int atOnce, int later)
    {
        var own = new Plan(plan.Kind, plan.MadeAt, plan.Epoch, "own time", [plan.Moves[0] with { StartAt = TestClock.Start }, plan.Moves[1] with { StartAt = TestClock.Start.AddMinutes(30) }], plan.Preconditions);
        await world.Plans.ProposeAsync(own, new PlanFindings(1000, 2, 1.5, 1.1, 30, 0, 0.9, null, TestClock.Start, [], [], "no policy"), "planner", default);
        await world.SetAsync(v => v with { MovesPerNode = 64 });
        Assert.True((await world.Desk.ScheduleAsync(own.Hash, null, inItsTime ? PlanTiming.Trough : PlanTiming.Now, null, "ann", "", default)).Done);
        var driver = world.Driver();

        await TurnsAsync(driver, 3);
        Assert.Equal(atOnce, world.Fleet.Started.Count);

        world.Real.Advance(TimeSpan.FromMinutes(30));
        await TurnsAsync(driver, 2);
        Assert.Equal(later, world.Fleet.Started.Count);
    }

    [Fact]
    public async Task A_plan_with_a_cancelled_move_has_failed_and_names_it()
    {
        await ApproveAsync();
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        world.Fleet.Show(plan, 2, MigrationPhase.Aborted);
        world.Fleet.Show(plan, 3, MigrationPhase.Done);

        await TurnsAsync(driver, 1);

        var ended = await world.FindAsync(plan);
        Assert.Equal((PlanState.Failed, "1 of 3 moves did not end as planned: move 2 cancelled"), (ended.State, ended.Log[^1].Reason));
    }

    [Fact]
    public async Task While_the_cluster_is_halted_nothing_begins_and_nothing_starts()
    {
        await ApproveAsync(limit: 1);
        world.Fleet.State = world.Fleet.State with { Halted = true };
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        Assert.Equal(PlanState.Approved, await StateAsync());

        world.Fleet.State = world.Fleet.State with { Halted = false };
        await TurnsAsync(driver, 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        world.Fleet.State = world.Fleet.State with { Halted = true };
        await TurnsAsync(driver, 2);
        Assert.Equal([1], world.Fleet.Started.Select(s => s.MoveNumber));
        Assert.Equal(PlanState.Running, await StateAsync());

        world.Fleet.State = world.Fleet.State with { Halted = false };
        await TurnsAsync(driver, 1);
        Assert.Equal([1, 2], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task A_scheduled_plan_begins_at_its_time()
    {
        await ApproveAsync(TestClock.Start.AddMinutes(30));
        var driver = world.Driver();
        await TurnsAsync(driver, 1);
        Assert.Equal(PlanState.Scheduled, await StateAsync());

        world.Real.Advance(TimeSpan.FromMinutes(30));
        await TurnsAsync(driver, 1);

        Assert.Equal(PlanState.Running, await StateAsync());
    }

    [Fact]
    public async Task A_scheduled_plan_that_could_not_begin_in_time_expires()
    {
        await ApproveAsync(TestClock.Start.AddMinutes(30));
        world.Real.Advance(TimeSpan.FromMinutes(151));

        await TurnsAsync(world.Driver(), 1);

        Assert.Equal(PlanState.Expired, await StateAsync());
    }

    [Fact]
    public async Task A_plan_that_no_longer_holds_when_it_is_due_is_stale_and_starts_nothing()
    {
        await ApproveAsync(TestClock.Start.AddMinutes(30));
        world.Fleet.State = world.Fleet.State with { Map = world.Fleet.Moved(plan.Moves[1].Segment, Reports.S2) };
        world.Real.Advance(TimeSpan.FromMinutes(30));

        await TurnsAsync(world.Driver(), 2);

        var kept = await world.FindAsync(plan);
        Assert.Equal((PlanState.Stale, "epoch 2: segment 4 belongs to s-02, the plan moves it from s-01"), (kept.State, kept.Log[^1].Reason));
        Assert.Empty(world.Fleet.Started);
    }

    [Fact]
    public async Task After_a_restart_the_rollout_goes_on_and_starts_nothing_twice()
    {
        await ApproveAsync(limit: 2);
        await TurnsAsync(world.Driver(), 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Shadowing);
        world.Fleet.Show(plan, 2, MigrationPhase.Shadowing);
        await TurnsAsync(world.Driver(), 1);
        var heard = world.Fleet.State;
        world.Fleet.State = FleetState.Unknown;
        var driver = world.Driver();

        await TurnsAsync(driver, 3);
        Assert.Equal([null, null, null], (await world.FindAsync(plan)).Moves.Select(m => m.Outcome));

        world.Fleet.State = heard;
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        await TurnsAsync(driver, 1);
        Assert.Equal([1, 2, 3], world.Fleet.Started.Select(s => s.MoveNumber));
        Assert.Equal(["done", null, null], (await world.FindAsync(plan)).Moves.Select(m => m.Outcome));
    }

    [Fact]
    public async Task A_started_move_that_the_snapshot_does_not_show_yet_is_waited_for()
    {
        await ApproveAsync(limit: 1);
        var driver = world.Driver(new RolloutOptions { MaxMissingTurns = 3 });
        await TurnsAsync(driver, 4); // begins, starts, misses it twice

        world.Fleet.Show(plan, 1, MigrationPhase.Shadowing);
        await TurnsAsync(driver, 1);

        Assert.Equal([1], world.Fleet.Started.Select(s => s.MoveNumber));
        Assert.Equal([MigrationPhase.Shadowing, null, null], await PhasesAsync());
    }

    [Theory]
    [InlineData(true, "done")]
    [InlineData(false, "cancelled")]
    public async Task A_move_that_the_cluster_has_forgotten_ended_as_its_segments_owner_says(bool moved, string outcome)
    {
        await ApproveAsync(limit: 1);
        var driver = world.Driver(new RolloutOptions { MaxMissingTurns = 3 });
        await TurnsAsync(driver, 2);
        if (moved)
        {
            world.Fleet.State = world.Fleet.State with { Map = world.Fleet.Moved(plan.Moves[0].Segment, Reports.S2) };
        }

        await TurnsAsync(driver, 3);

        Assert.Equal(outcome, (await world.FindAsync(plan)).Moves[0].Outcome);
    }

    [Theory]
    [InlineData("limit")]
    [InlineData("halted")]
    public async Task A_move_that_the_cluster_holds_back_waits_for_as_long_as_it_takes(string error)
    {
        await ApproveAsync(limit: 1);
        world.Fleet.Refusal = error;
        var driver = world.Driver(new RolloutOptions { MaxStartTries = 2 });

        await TurnsAsync(driver, 6);
        Assert.Equal([null, null, null], (await world.FindAsync(plan)).Moves.Select(m => m.Outcome));

        world.Fleet.Refusal = null;
        await TurnsAsync(driver, 1);
        Assert.NotEqual(0, (await world.FindAsync(plan)).Moves[0].MigrationId);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_fails_a_move_after_the_tries_that_are_allowed()
    {
        await ApproveAsync(limit: 1);
        world.Fleet.Refusal = "unavailable";
        var driver = world.Driver(new RolloutOptions { MaxStartTries = 3 });

        await TurnsAsync(driver, 3);
        Assert.Null((await world.FindAsync(plan)).Moves[0].Outcome);
        await TurnsAsync(driver, 1);

        Assert.Equal("refused: refused with unavailable", (await world.FindAsync(plan)).Moves[0].Outcome);
    }

    [Fact]
    public async Task A_refused_move_fails_the_plan_with_the_clusters_reason()
    {
        await ApproveAsync();
        world.Fleet.Refusal = "not-owner";

        await TurnsAsync(world.Driver(), 3);

        var kept = await world.FindAsync(plan);
        Assert.Equal((PlanState.Failed, "3 of 3 moves did not end as planned: move 1 refused: refused with not-owner"), (kept.State, kept.Log[^1].Reason));
    }

    [Fact]
    public async Task A_batch_takes_one_place_however_few_pairs_a_node_may_have_and_is_filled_up()
    {
        await world.SetAsync(v => v with { MovesPerNode = 1 });
        await ApproveAsync(limit: 2);
        var driver = world.Driver();

        await TurnsAsync(driver, 4);
        Assert.Equal([1, 2], world.Fleet.Started.Select(s => s.MoveNumber));

        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        await TurnsAsync(driver, 2);
        Assert.Equal([1, 2, 3], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task A_move_whose_former_copy_is_kept_takes_no_place_at_its_nodes()
    {
        await world.SetAsync(v => v with { MovesPerNode = 1 });
        await ApproveAsync(limit: 1);
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        Assert.Equal([1], world.Fleet.Started.Select(s => s.MoveNumber));

        world.Fleet.Show(plan, 1, MigrationPhase.Retaining);
        await TurnsAsync(driver, 2);
        Assert.Equal([1, 2], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task Moves_that_wait_for_their_start_take_no_place_of_those_that_may_begin()
    {
        var late = plan.Moves[0] with { StartAt = TestClock.Start.AddHours(1) };
        var own = new Plan(plan.Kind, plan.MadeAt, plan.Epoch, "own time", [late, plan.Moves[1] with { StartAt = TestClock.Start }, plan.Moves[2] with { StartAt = TestClock.Start }], plan.Preconditions);
        await world.Plans.ProposeAsync(own, new PlanFindings(1000, 2, 1.5, 1.1, 30, 0, 0.9, null, TestClock.Start, [], [], "no policy"), "planner", default);
        await world.SetAsync(v => v with { MovesPerNode = 64 });
        world.Fleet.State = world.Fleet.State with { Limits = MigrationLimits.Default with { BatchSegments = 1 } };
        Assert.True((await world.Desk.ScheduleAsync(own.Hash, null, PlanTiming.Trough, null, "ann", "", default)).Done);
        var driver = world.Driver();

        await TurnsAsync(driver, 3);
        Assert.Equal([2], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task A_rollout_waits_while_clients_are_slow_and_goes_on_by_itself()
    {
        await world.SetAsync(v => v with { BackOffP99Ms = 5 });
        await ApproveAsync(limit: 1);
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        world.ClientP99Ms = 9;
        await TurnsAsync(driver, 3);
        var waiting = await world.FindAsync(plan);
        Assert.Equal("clients' 99th percentile is above 5 ms", waiting.Held);
        Assert.Single(waiting.Log, l => l.Reason.StartsWith("waits: ", StringComparison.Ordinal));
        Assert.Single(world.Fleet.Started);

        world.ClientP99Ms = 4;
        await TurnsAsync(driver, 1);
        Assert.Equal((null, "goes on"), ((await world.FindAsync(plan)).Held, (await world.FindAsync(plan)).Log[^1].Reason));
        Assert.Equal([1, 2], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task A_running_plan_waits_for_a_lost_node_and_goes_on_when_it_is_back()
    {
        await ApproveAsync(limit: 1);
        var driver = world.Driver();
        await TurnsAsync(driver, 2);
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        var whole = world.Fleet.State.Nodes;
        world.Fleet.State = world.Fleet.State with { Nodes = [.. whole.Select(n => n.Id == Reports.N2 ? n with { Health = "dead" } : n)] };
        await TurnsAsync(driver, 2);
        Assert.Equal((PlanState.Running, "node n2 is lost"), ((await world.FindAsync(plan)).State, (await world.FindAsync(plan)).Held));

        world.Fleet.State = world.Fleet.State with { Nodes = whole };
        await TurnsAsync(driver, 1);
        Assert.Equal([1, 2], world.Fleet.Started.Select(s => s.MoveNumber));
    }

    [Fact]
    public async Task In_a_freeze_nothing_begins_and_the_plan_says_until_when()
    {
        await world.SetAsync(v => v with { Windows = [new WindowRule("sale", WindowKind.Freeze, true, [], new TimeOnly(11, 0), new TimeOnly(13, 0), "UTC")] });
        await ApproveAsync();

        await TurnsAsync(world.Driver(), 2);
        Assert.Equal((PlanState.Approved, "frozen by sale until 2026-03-02 13:00:00Z"), ((await world.FindAsync(plan)).State, (await world.FindAsync(plan)).Held));

        world.Real.Advance(TimeSpan.FromHours(1));
        await TurnsAsync(world.Driver(), 1);
        Assert.Equal(PlanState.Running, await StateAsync());
    }

    private static async Task TurnsAsync(RolloutDriver driver, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await driver.TurnAsync(default);
        }
    }

    private async Task ApproveAsync(DateTimeOffset? at = null, int limit = 4)
    {
        world.Fleet.State = world.Fleet.State with { Limits = MigrationLimits.Default with { BatchSegments = limit } };
        await world.ProposeAsync(plan);
        Assert.True((await world.Desk.ApproveAsync(plan.Hash, null, at, "ann", "", default)).Done);
    }

    private async Task<PlanState> StateAsync() => (await world.FindAsync(plan)).State;

    private async Task<IEnumerable<MigrationPhase?>> PhasesAsync() => (await world.FindAsync(plan)).Moves.Select(m => (MigrationPhase?)m.Phase);
}
