using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Planning;

public sealed class PlanTimetableTests
{
    private const int Passed = 20;
    private static readonly PlanningOptions Options = new();

    // s-01 passes its threshold from nine hours ahead on; the fleet's load is lowest five hours ahead.
    private static ClusterCase Case(int bytes = 1_000_000, int capacity = 1000) => new ClusterCase
    {
        Nodes = 3, Shards = 3, CpuMillicores = capacity, MeasuredRatio = 0.6, Shape = k => k == 16 ? 0.2 : k < Passed ? 0.6 : 1, Bytes = [.. Enumerable.Repeat((long)bytes, 8)],
    }.With(1, 30, 30, 30, 30, 30).With(2, 10).With(3, 10, 5);

    private static DateTimeOffset At(int step) => ClusterCase.Now.AddHours(step - 11);

    [Fact]
    public void Moves_begin_in_the_trough_one_after_the_other_where_they_share_a_node()
    {
        var plan = Planner.Run(Case(bytes: 120_000_000).Plan(), Options).Plan!;

        // Twelve seconds each at 12 MB/s with two beside; s-01's node takes part in all of them.
        Assert.Equal(2, plan.Moves.Length);
        Assert.Equal([At(16), At(16).AddSeconds(12)], plan.Moves.Select(m => m.StartAt!.Value));
    }

    [Fact]
    public void More_places_let_them_begin_together()
    {
        var plan = Planner.Run(Case().Plan() with { MovesPerNode = 2 }, Options).Plan!;

        Assert.Equal([At(16), At(16)], plan.Moves.Select(m => m.StartAt!.Value));
    }

    [Fact]
    public void What_takes_long_begins_early_enough_to_be_done_before_the_limit_is_passed()
    {
        // 2 h 47 min each at 12 MB/s, with half as much in reserve: the trough, four hours before, is too late.
        var plan = Planner.Run(Case().Plan() with { SegmentBytes = [.. Enumerable.Repeat(120_000_000_000L, 8)] }, new PlanningOptions { MaxBytes = long.MaxValue / 2 }).Plan!;

        Assert.Equal([ClusterCase.Now, ClusterCase.Now.AddSeconds(10_002)], plan.Moves.Select(m => m.StartAt!.Value));
    }

    [Fact]
    public void Copying_that_would_push_its_node_over_the_limit_waits_for_room()
    {
        // Two troughs as good as each other; in the first n1 carries 30 of 147 mcore, in the second 29.7, and copying costs 117.2.
        var input = new ClusterCase
        {
            Nodes = 3, Shards = 3, CpuMillicores = 210, MeasuredRatio = 0.6, Shape = k => k == 5 ? 0.2 : k == 16 ? 0.198 : k < Passed ? 0.6 : 0.95,
        }.With(1, 30, 30, 30, 30, 30).With(2, 10).With(3, 10, 5).Plan();
        DateTimeOffset First(double copying) => Planner.Run(input, new PlanningOptions { CopyMillisecondsPerMegabyte = copying / 12 }).Plan!.Moves[0].StartAt!.Value;

        Assert.Equal(ClusterCase.Now.AddMinutes(25), First(0));
        Assert.Equal(At(16), First(117.2));
    }

    [Fact]
    public void What_is_passed_already_begins_now_and_reactive_moves_have_no_start_of_their_own()
    {
        var over = new ClusterCase { Nodes = 2 }.With(1, 60, 60, 20).With(2, 10).Plan();
        var measured = new ClusterCase { Nodes = 2, Skill = -1 }.With(1, 60, 60, 20).With(2, 10).Plan();

        Assert.All(Planner.Run(over, Options).Plan!.Moves, m => Assert.Equal(ClusterCase.Now, m.StartAt));
        Assert.All(Planner.Run(measured, Options).Plan!.Moves, m => Assert.Null(m.StartAt));
    }

    [Fact]
    public void The_hash_covers_the_start_and_a_plan_without_starts_keeps_its_hash()
    {
        var plan = Planner.Run(Case().Plan(), Options).Plan!;
        Plan With(DateTimeOffset? start) => new(plan.Kind, plan.MadeAt, plan.Epoch, plan.Reason, [.. plan.Moves.Select(m => m with { StartAt = start })], plan.Preconditions);

        Assert.NotEqual(With(null).Hash, With(At(3)).Hash);
        Assert.NotEqual(With(At(4)).Hash, With(At(3)).Hash);
        Assert.Equal(With(At(3)).Hash, With(At(3)).Hash);
    }
}
