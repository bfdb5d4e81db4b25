using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Rollout;

/// <summary>Transfers of leadership as a plan's rollout carries them out.</summary>
public sealed class TransferRolloutTests : IDisposable
{
    private readonly PlanWorld world = new();
    private readonly Plan plan = new(
        "load", TestClock.Start, 1, "hand over", [new Move(1, new SegmentId(2), Reports.S1, Reports.S2, 40, 1000, "because")],
        new PlanPreconditions([Reports.S1, Reports.S2], [Reports.N1, Reports.N2], 0.3, [100, 100], 250), [new LeaderTransfer(2, Reports.S1, Reports.N1, Reports.N2, 90, "hot")]);

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Leadership_goes_first_and_the_moves_begin_when_the_new_leader_leads()
    {
        await ApproveAsync();
        var driver = world.Driver();

        await TurnsAsync(driver, 3);
        Assert.Equal(["s-01 led by 12, not 11, by ann: hot"], world.Fleet.Asked);
        Assert.Empty(world.Fleet.Started);

        ShowLed(named: true, leads: false);
        await TurnsAsync(driver, 2);
        Assert.Empty(world.Fleet.Started);

        ShowLed(named: true, leads: true);
        await TurnsAsync(driver, 2);
        Assert.Equal([1], world.Fleet.Started.Select(s => s.MoveNumber));
        Assert.Equal([null, "done"], (await world.FindAsync(plan)).Moves.Select(m => m.Outcome));

        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        await TurnsAsync(driver, 1);
        Assert.Equal((PlanState.Done, "1 transfer of leadership and 1 move done"), await EndAsync());
        var past = await world.Plans.PastAsync(TestClock.Start.AddHours(-1), default);
        Assert.Equal((1, new PastTransferOf(Reports.S1, Reports.N1, Reports.N2)), (past.Moves.Count, Of(Assert.Single(past.Transfers))));
        Assert.Single((await world.Audit.ListAsync(0, 100, default)), r => r.Action == "leader-transferred");
    }

    [Fact]
    public async Task A_leader_that_does_not_take_over_ends_the_plan_as_failed()
    {
        await ApproveAsync();
        var driver = world.Driver(new RolloutOptions { MaxTransferTurns = 3 });

        await TurnsAsync(driver, 2);
        ShowLed(named: true, leads: false);
        await TurnsAsync(driver, 4);
        world.Fleet.Show(plan, 1, MigrationPhase.Done);
        await TurnsAsync(driver, 2);

        Assert.Equal((PlanState.Failed, "1 of 2 moves did not end as planned: move 2 n2 did not take over s-01"), await EndAsync());
    }

    [Theory]
    [InlineData("halted", false)]
    [InlineData("stale", true)]
    public async Task A_refusal_is_final_unless_it_only_says_not_yet(string error, bool ends)
    {
        await ApproveAsync();
        world.Fleet.Refusal = error;
        var driver = world.Driver();

        await TurnsAsync(driver, 3);

        Assert.Equal(ends ? $"refused: refused with {error}" : null, (await world.FindAsync(plan)).Moves[1].Outcome);
        Assert.Equal(ends ? 1 : 2, world.Fleet.Asked.Count);
    }

    [Fact]
    public async Task A_plan_whose_leader_has_changed_meanwhile_is_stale()
    {
        await ApproveAsync();
        ShowLed(named: true, leads: true);

        await TurnsAsync(world.Driver(), 2);

        Assert.Equal((PlanState.Stale, $"epoch 2: s-01 is led by {Reports.N2}, the plan takes it from {Reports.N1}"), await EndAsync());
    }

    [Fact]
    public async Task What_is_approved_counts_as_made_for_the_next_plan()
    {
        await world.Intake.StartAsync(world.Fleet.State.Map.SegmentCount, default);
        await world.Intake.AcceptAsync(Reports.Report(Reports.N1, 1, TestClock.Start, Reports.Load(2, 10, cpuMicros: 50_000)), default);
        await ApproveAsync();

        Assert.Equal([(Reports.S1, Reports.N2)], (await world.Maker.InputAsync(world.Settings.Now.Scoring, null, default))!.TransfersUnderWay.Select(t => (t.Shard, t.To)));

        ShowLed(named: true, leads: false);
        Assert.Empty((await world.Maker.InputAsync(world.Settings.Now.Scoring, null, default))!.TransfersUnderWay);
    }

    private sealed record PastTransferOf(ShardId Shard, NodeId From, NodeId To);

    private static PastTransferOf Of(ControlPlane.Planning.PastTransfer t) => new(t.Shard, t.From, t.To);

    private void ShowLed(bool named, bool leads)
    {
        var status = Reports.Status(Reports.N2);
        var state = Reports.State();
        var map = named ? state.Map.Apply(new ReplicasChanged(Reports.S1, [Reports.N1, Reports.N2], Reports.N2)) : state.Map;
        IReadOnlyList<FleetNode> nodes = leads
            ? [state.Nodes[0] with { Replicas = [.. Reports.Status(Reports.N1).Replicas.Select(r => r with { Role = "follower" })] }, state.Nodes[1] with { Replicas = [.. status.Replicas.Select(r => r with { Role = "leader", Term = 4 })] }]
            : state.Nodes;
        world.Fleet.State = state with { Map = map, Nodes = nodes, Migrations = world.Fleet.State.Migrations };
    }

    private async Task ApproveAsync()
    {
        await world.ProposeAsync(plan);
        Assert.True((await world.Desk.ApproveAsync(plan.Hash, null, null, "ann", "", default)).Done);
    }

    private async Task<(PlanState State, string Reason)> EndAsync()
    {
        var ended = await world.FindAsync(plan);
        return (ended.State, ended.Log[^1].Reason);
    }

    private static async Task TurnsAsync(RolloutDriver driver, int count)
    {
        for (var turn = 0; turn < count; turn++)
        {
            await driver.TurnAsync(default);
        }
    }
}
