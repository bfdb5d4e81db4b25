using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Unit.Planning;
using ShardConsole.Unit.Planning.Paper;

namespace ShardConsole.Unit.Scoring;

public sealed class SurpriseTests
{
    // Forecast: 42 of 100. Measured: 120.
    private static readonly ClusterCase Case = new ClusterCase { Shape = _ => 0.35 }.With(1, 60, 60).With(2, 5);
    private static readonly ScoringOptions Limits = new() { ThresholdMillicores = 100 };

    [Fact]
    public void A_spike_that_nobody_foresaw_is_named_and_planned_for()
    {
        var board = Case.Board();
        var result = Planner.Run(Case.Plan(), new PlanningOptions());

        Assert.Equal("s-01 carries 120 mcore, threshold 100", board.Unforeseen);
        Assert.Equal(120, board.Shards[0].PerStep[0], 1e-3);
        Assert.Equal(42, board.Shards[0].PerStep[12], 1e-3);
        Assert.StartsWith("Not foreseen: s-01 carries 120 mcore", result.Reason, StringComparison.Ordinal);
        Assert.Equal(ClusterCase.Now, Assert.Single(result.Plan!.Moves).StartAt);
    }

    [Fact]
    public void What_the_forecast_sees_too_is_no_surprise_and_neither_is_load_inside_the_limits()
    {
        Assert.Null(new ClusterCase().With(1, 60, 60).With(2, 5).Board().Unforeseen);
        Assert.Null(Scorer.Run(Case.Input(), new ScoringOptions { ThresholdMillicores = 130 }).Unforeseen);
    }

    [Fact]
    public void A_node_out_of_its_comfort_zone_is_a_surprise_too()
    {
        var board = Scorer.Run(new ClusterCase { Shape = _ => 0.35, CpuMillicores = 150 }.With(1, 60, 60).With(2, 5).Input(), new ScoringOptions { ThresholdMillicores = 1e6 });

        Assert.Equal("n1 carries 120 mcore, comfort zone 105", board.Unforeseen);
    }

    [Fact]
    public void What_was_not_measured_is_no_surprise()
    {
        var input = Case.Input();

        Assert.Null(Scorer.Run(input with { Measured = new MeasuredLoad([float.NaN, 60, 5], []) }, Limits).Unforeseen);
    }

    [Fact]
    public void On_paper_a_policy_with_a_blind_forecast_reacts_like_the_reactive_one()
    {
        // The forecast knows nothing of the step that comes after an hour.
        var calm = PaperCase.Constant(240, 100, 100, 100);
        var loads = PaperCase.Of(120, m => m < 60 ? [100, 100, 100] : [400, 400, 100]);
        var scoring = new ScoringOptions { ThresholdMillicores = 1e6 };

        var blind = PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), loads, new PlannedPolicy(scoring, new PlanningOptions(), 60, m => Foresight.Of(calm, m.Now)));
        var reactive = PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), loads, PlannedPolicy.Reactive(scoring, new PlanningOptions()));

        Assert.Equal(reactive.OverloadNodeMinutes, blind.OverloadNodeMinutes);
        Assert.Equal(reactive.Moves, blind.Moves);
    }
}
