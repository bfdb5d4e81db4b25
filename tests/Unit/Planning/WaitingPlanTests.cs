using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning;

public sealed class WaitingPlanTests
{
    private static readonly PlanningOptions Options = new();

    [Fact]
    public void A_waiting_plan_stays_when_the_newest_forecast_would_choose_another_of_equal_worth()
    {
        var waiting = Planner.Run(Case(40, 41).Plan(), Options).Plan!;
        var input = Case([3_000_000, 1_000_000, 2_000_000, 1], 41, 40).Plan();
        var newer = Planner.Run(input, Options);

        Assert.NotEqual(waiting.Moves[0].Segment, newer.Plan!.Moves[0].Segment);
        Assert.Contains($"Plan {waiting.Hash[..4]} still waits", WaitingPlan.WhyItStays(waiting, input, newer, Options)!, StringComparison.Ordinal);
    }

    [Fact]
    public void It_gives_way_when_the_newer_one_leaves_clearly_less_overload()
    {
        var waiting = Planner.Run(Case(40, 41).Plan(), Options).Plan!;
        var input = Case(90, 80).Plan();

        Assert.Null(WaitingPlan.WhyItStays(waiting, input, Planner.Run(input, Options), Options));
    }

    [Fact]
    public void It_gives_way_when_what_it_was_for_is_gone()
    {
        var waiting = Planner.Run(Case(40, 41).Plan(), Options).Plan!;
        var input = Case(10, 11).Plan();

        Assert.Null(WaitingPlan.WhyItStays(waiting, input, Planner.Run(input, Options), Options));
    }

    [Fact]
    public void It_gives_way_when_its_target_can_no_longer_take_the_segment()
    {
        var waiting = Planner.Run(Case(40, 41).Plan(), Options).Plan!;
        var input = Case(40, 41).Plan() with { Excluded = new HashSet<NodeId> { ClusterCase.Node(2), ClusterCase.Node(3) } };

        Assert.Null(WaitingPlan.WhyItStays(waiting, input, Planner.Run(input, Options), Options));
    }

    [Fact]
    public void Sizing_advice_says_how_many_nodes_are_missing()
    {
        var small = Planner.Run(new ClusterCase { CpuMillicores = 100 }.With(1, 90).With(2, 90).Plan(), Options);
        var fits = Planner.Run(new ClusterCase { CpuMillicores = 100 }.With(1, 60).With(2, 60).Plan(), Options);
        var large = Planner.Run(new ClusterCase { Nodes = 4, Shards = 4, CpuMillicores = 100 }.With(1, 60).With(2, 60).Plan(), Options);

        Assert.StartsWith("Too small: the nodes together are predicted to need 180 mcore at 03:00", small.Sizing, StringComparison.Ordinal);
        Assert.Contains("so 3 nodes are needed and 2 are alive: add 1", small.Sizing, StringComparison.Ordinal);
        Assert.Null(fits.Sizing);
        Assert.Contains("so 2 nodes would do and 4 are alive", large.Sizing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_swap_is_found_where_no_single_move_fits()
    {
        // 60 + 55 against a limit of 95: only 60 with 30 and 55 with 40 fit.
        var result = Planner.Run(new ClusterCase { Spread = 0 }.With(1, 60, 55).With(2, 30, 40).Plan(), new PlanningOptions { ExactAssignments = 0 });

        Assert.Equal(2, result.Plan!.Moves.Length);
        Assert.Equal(0, result.Figures.MinutesOverAfter);
    }

    private static ClusterCase Case(double one, double other) =>
        Case([1_000_000, 2_000_000, 3_000_000, 1], one, other);

    private static ClusterCase Case(long[] bytes, double one, double other) =>
        new ClusterCase { Nodes = 3, Shards = 3, Bytes = bytes }.With(1, one, other, 30).With(2, 10);
}
