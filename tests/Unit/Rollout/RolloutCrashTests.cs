using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Rollout;

/// <summary>The control plane is killed at each write of its store, before and after it; a new one goes on. The cluster is told each move as often as it takes, and begins it once.</summary>
public sealed class RolloutCrashTests
{
    private const int MaxTurns = 60;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_is_carried_out_exactly_once_whatever_write_the_control_plane_dies_at(bool afterIt)
    {
        var writes = 0;
        for (var write = 1; await DiesAtAsync(write, afterIt); write++)
        {
            writes = write;
        }

        Assert.Equal(9, writes); // approving, beginning, starting and ending three moves, ending the plan
    }

    private static async Task<bool> DiesAtAsync(int write, bool afterIt)
    {
        using var world = new PlanWorld();
        var plan = PlanWorld.Of("one", 2, 4, 6);
        await world.ProposeAsync(plan);
        world.Database.Crashes.Arm(write, afterIt);
        await UnlessItDiesAsync(() => world.Desk.ApproveAsync(plan.Hash, null, null, "ann", "fine", default));
        if ((await world.FindAsync(plan)).State == PlanState.Proposed)
        {
            // Nothing of the approval was kept, so the person sees a proposed plan and approves again.
            Assert.True((await world.Desk.ApproveAsync(plan.Hash, null, null, "ann", "fine", default)).Done);
        }

        var driver = world.Driver();
        for (var turn = 0; turn < MaxTurns && (await world.FindAsync(plan)).State != PlanState.Done; turn++)
        {
            if (await UnlessItDiesAsync(() => driver.TurnAsync(default)))
            {
                driver = world.Driver();
            }

            foreach (var started in world.Fleet.Started.DistinctBy(s => s.MoveNumber).Skip(turn % 3).Take(1))
            {
                world.Fleet.Show(plan, started.MoveNumber, MigrationPhase.Done);
            }
        }

        var ended = await world.FindAsync(plan);
        Assert.Equal((write, PlanState.Done), (write, ended.State));
        Assert.Equal(["done", "done", "done"], ended.Moves.Select(m => m.Outcome));
        Assert.Equal(1, ended.Log.Count(l => l.State == PlanState.Approved));
        Assert.Equal(1, ended.Log.Count(l => l.State == PlanState.Done));
        Assert.Equal([1, 2, 3], world.Fleet.Begun.Select(m => m.Number).Order());
        var verdict = await world.Audit.VerifyAsync(default);
        Assert.True(verdict.Intact, verdict.Problem);
        var rows = await world.Audit.ListAsync(0, 100, default);
        Assert.Equal(3, rows.Count(r => r.Action == "move-ended"));
        Assert.Equal(1, rows.Count(r => r.Action == "plan-approved"));
        return world.Database.Crashes.Crashed;
    }

    private static async Task<bool> UnlessItDiesAsync(Func<Task> work)
    {
        try
        {
            await work();
            return false;
        }
        catch (CrashException)
        {
            return true;
        }
    }
}
