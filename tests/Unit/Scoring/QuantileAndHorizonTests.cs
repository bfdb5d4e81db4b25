using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Unit.Planning;

namespace ShardConsole.Unit.Scoring;

public sealed class QuantileAndHorizonTests
{
    // From four hours ahead on one shard carries more than its threshold; the peak is eleven hours ahead.
    private static readonly ClusterCase Case = new ClusterCase { Spread = 0.2, Shape = k => k == 22 ? 1.5 : k >= 15 ? 1.2 : 0.5 }.With(1, 40, 40).With(2, 5);

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.9, 1.2815515655)]
    [InlineData(0.99, 2.3263478740)]
    public void The_score_is_the_quantile_that_is_asked_for(double quantile, double deviations)
    {
        var board = Case.Board(new ScoringOptions { ThresholdMillicores = 100, Quantile = quantile });

        // Independent errors of 0.2 × 60 each.
        Assert.Equal(120 + (deviations * 12 * Math.Sqrt(2)), board.Shards[0].Peak, 1e-3);
        Assert.Equal(quantile, board.Quantile);
    }

    [Fact]
    public void A_plan_is_made_for_the_quantile_and_the_verifier_judges_by_the_same()
    {
        var even = new ClusterCase { Spread = 0.3 }.With(1, 40, 50).With(2, 5);
        PlanningResult Plan(double quantile) => Planner.Run(Of(quantile), new PlanningOptions());
        PlanningInput Of(double quantile) => even.Plan() with { Scores = even.Board(new ScoringOptions { ThresholdMillicores = 100, Quantile = quantile }) };

        Assert.Null(Plan(0.5).Plan);
        Assert.NotNull(Plan(0.9).Plan);
        Assert.Empty(PlanVerifier.Violations(Of(0.9), Plan(0.9), new PlanningOptions()));
        Assert.Contains(PlanVerifier.Violations(Of(0.5), Plan(0.9), new PlanningOptions()), v => v.Contains("minutes over", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_beyond_the_horizon_is_not_planned_for()
    {
        ScoreBoard Board(double hours) => Case.Board(new ScoringOptions { ThresholdMillicores = 100, HorizonHours = hours });

        Assert.Null(Board(4).Shards[0].CrossesAt);
        Assert.Equal(ClusterCase.Now.AddHours(4), Board(6).Shards[0].CrossesAt);
        Assert.Equal(2 * 60, Board(6).Shards[0].MinutesOver);
        Assert.Equal(30, Board(4.5).Shards[0].MinutesOver);
        Assert.Equal(35, Board(24).Field.StepCount);
    }

    [Fact]
    public void Beyond_the_forecast_the_day_before_comes_again_with_a_wider_spread()
    {
        var board = Case.Board(new ScoringOptions { ThresholdMillicores = 100, HorizonHours = 48, Quantile = 0.5 });
        var wide = Case.Board(new ScoringOptions { ThresholdMillicores = 100, HorizonHours = 48 });

        Assert.Equal(35 + 24, board.Field.StepCount);
        Assert.Equal(ClusterCase.Now.AddHours(47), board.Field.Starts[^1]);
        Assert.Equal(2 * 60, board.Shards[0].MinutesOver);
        Assert.Equal(40, board.Shards[0].PerStep[35], 1e-3);
        var (today, tomorrow) = (22, 35 + 11);
        Assert.Equal(120, board.Shards[0].PerStep[tomorrow], 1e-3);
        Assert.Equal((wide.Shards[0].PerStep[today] - 120) * Math.Sqrt(2), wide.Shards[0].PerStep[tomorrow] - 120, 1e-3);
    }

    [Fact]
    public void An_aged_forecast_still_reaches_a_short_horizon()
    {
        var input = Case.Input() with { Now = ClusterCase.Now.AddHours(1.2) };

        var board = Scorer.Run(input, new ScoringOptions { ThresholdMillicores = 100, HorizonHours = 1, ForecastMaxAgeMinutes = 90 });

        Assert.Null(board.Reactive);
        Assert.Equal([60, 12], board.Field.Spans.Select(s => Math.Round(s.TotalMinutes, 6)));
    }
}
