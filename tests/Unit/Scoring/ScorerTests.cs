using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Planning;

namespace ShardConsole.Unit.Scoring;

public sealed class ScorerTests
{
    [Fact]
    public void The_score_is_the_ninetieth_percentile_of_the_sum_not_the_sum_of_percentiles()
    {
        var independent = new ClusterCase { Spread = 0.2, Correlation = 0 }.With(1, 10, 10).Board();
        var together = new ClusterCase { Spread = 0.2, Correlation = 1 }.With(1, 10, 10).Board();

        Assert.Equal(10 + (1.2816 * 2), independent.Segments[0].Peak, 1e-3);
        Assert.Equal(20 + (1.2816 * 2 * Math.Sqrt(2)), independent.Shards[0].Peak, 1e-3);
        Assert.Equal(20 + (1.2816 * 4), together.Shards[0].Peak, 1e-3);
    }

    [Fact]
    public void A_shard_knows_its_peak_its_crossing_and_its_headroom()
    {
        var shard = new ClusterCase { Shape = k => k == 20 ? 1.5 : k >= 14 ? 1.1 : 0.5 }.With(1, 60, 40).Board().Shards[0];

        Assert.Equal(150, shard.Peak, 1e-3);
        Assert.Equal(ClusterCase.Now.AddHours(9), shard.PeakAt);
        Assert.Equal(ClusterCase.Now.AddHours(3), shard.CrossesAt);
        Assert.Equal(21 * 60, shard.MinutesOver);
        Assert.Equal(-50, shard.Headroom, 1e-3);
        Assert.Equal(100, shard.Now, 1e-3);
        Assert.Equal(35, shard.PerStep.Count);
    }

    [Fact]
    public void A_node_carries_what_it_leads_what_it_follows_and_the_rest_of_its_process()
    {
        var board = new ClusterCase { Replication = 2, FollowerRatio = 0.25, CpuMillicores = 200, Use = n => n == 1 ? new NodeUse(80, 1L << 29, 0, 0) : null }
            .With(1, 40).With(2, 60).Board();

        // n1 leads 40 and follows a quarter of 60; 80 - 55 belong to no segment.
        Assert.Equal(25, board.Nodes[0].BaseMillicores, 1e-3);
        Assert.Equal(80, board.Nodes[0].Peak, 1e-3);
        Assert.Equal(0.4, board.Nodes[0].PeakRatio, 1e-6);
        Assert.Equal(140 - 80, board.Nodes[0].HeadroomMillicores, 1e-3);
        Assert.Equal((0.7 * (1L << 30)) - (1L << 29), board.Nodes[0].MemoryHeadroomBytes, 1.0);
        Assert.Null(board.Nodes[0].CrossesAt);
        Assert.Equal(60 + 10, board.Nodes[1].Peak, 1e-3);
        Assert.True(double.IsNaN(board.Nodes[1].MemoryHeadroomBytes));
        Assert.True(double.IsNaN(board.Nodes[0].DiskHeadroom));
    }

    [Fact]
    public void Before_anything_is_measured_a_process_has_no_base_load()
    {
        var input = new ClusterCase { Use = _ => new NodeUse(90, 0, 0, 0) }.With(1, 40).With(2, 10).Input();

        var board = Scorer.Run(input with { Measured = new MeasuredLoad([float.NaN, 10], []) }, new ScoringOptions());

        Assert.Equal([0, 80], board.Nodes.Select(n => Math.Round(n.BaseMillicores, 3)));
    }

    [Fact]
    public void While_the_preferred_leader_is_dead_the_next_replica_pays()
    {
        var board = new ClusterCase { Nodes = 3, Shards = 1, Replication = 2, Dead = [1], FollowerRatio = 0.5 }.With(1, 40).Board();

        Assert.Equal([20, 40, 0], board.Nodes.Select(n => Math.Round(n.Peak, 3)));
    }

    [Fact]
    public void Confidence_falls_with_the_spread_and_with_bands_that_did_not_hold()
    {
        var sure = new ClusterCase { Spread = 0.05, Correlation = 1 }.With(1, 10, 10);
        var unsure = new ClusterCase { Spread = 0.5, Correlation = 1 }.With(1, 10, 10);
        var broken = sure.Input();
        broken = broken with { Cpu = broken.Cpu! with { Coverage = [0.4f, 0.4f] } };

        Assert.Equal(1 - (0.8 * 0.05), sure.Board().Shards[0].Confidence, 1e-4);
        Assert.Equal(1 - (0.8 * 0.5), unsure.Board().Shards[0].Confidence, 1e-4);
        Assert.Equal((1 - (0.8 * 0.05)) / 2, Scorer.Run(broken, new ScoringOptions()).Shards[0].Confidence, 1e-4);
    }

    [Fact]
    public void A_segment_that_is_forecast_worse_than_by_yesterday_goes_on_as_measured_and_says_so()
    {
        var input = new ClusterCase().With(1, 30, 20).Input();
        var weak = input with { Measured = new MeasuredLoad([70, 20], []), Cpu = input.Cpu! with { Frame = input.Cpu.Frame with { Errors = [1.5f, 0.8f] } } };

        var board = Scorer.Run(weak, new ScoringOptions());

        Assert.Null(board.Reactive);
        Assert.Equal([new SegmentId(0)], board.ReactiveSegments);
        Assert.Equal([70, 20], board.Segments.Select(s => Math.Round(s.Peak, 3)));
        Assert.True(board.Segments[0].Confidence < board.Segments[1].Confidence);
        Assert.Empty(Scorer.Run(weak, new ScoringOptions(), null).ReactiveSegments);
    }

    [Fact]
    public void Without_a_usable_forecast_the_measured_load_counts_and_the_reason_is_given()
    {
        var input = new ClusterCase { Shape = _ => 9 }.With(1, 30, 20).Input();
        string? Why(ScoreInput changed) => Scorer.Run(changed, new ScoringOptions()).Reactive;

        Assert.Null(Why(input));
        Assert.Equal("there is no forecast yet", Why(input with { Cpu = null }));
        Assert.Equal("the forecast is 20 minutes old, limit 15", Why(input with { Now = input.Now.AddMinutes(20) }));
        Assert.Equal("the forecast has 2 segments, the map 3", Why(new ClusterCase().With(1, 1, 1, 1).Input() with { Cpu = input.Cpu }));
        Assert.Equal(
            "the forecast is worse than repeating yesterday (skill -0.06)", Why(input with { Cpu = input.Cpu! with { Skill = new(-0.06, 0.3) } }));
        Assert.Null(Why(input with { Cpu = input.Cpu! with { Skill = new(-0.04, 0.3) } }));
        Assert.Null(Why(input with { Cpu = input.Cpu! with { Skill = new(double.NaN, double.NaN) } }));

        var board = Scorer.Run(input with { Cpu = null }, new ScoringOptions());
        Assert.Equal((1, 50.0), (board.Field.StepCount, board.Shards[0].Peak));
        Assert.Equal(TimeSpan.FromHours(1), board.Field.Spans[0]);
    }

    [Fact]
    public void Steps_that_have_passed_are_left_out()
    {
        var input = new ClusterCase { Shape = k => k == 0 ? 5 : 1 }.With(1, 30).Input();

        var board = Scorer.Run(input with { Now = input.Now.AddMinutes(6) }, new ScoringOptions());

        Assert.Equal(34, board.Field.StepCount);
        Assert.Equal(30, board.Shards[0].Peak, 1e-3);
    }

    [Fact]
    public void A_segment_without_forecast_counts_with_its_measured_load()
    {
        var input = new ClusterCase().With(1, 30, 20).Input();
        foreach (var column in input.Cpu!.Frame.Mean)
        {
            column[1] = float.NaN;
        }

        var board = Scorer.Run(input, new ScoringOptions());

        Assert.Equal(20 + (1.2816 * 10), board.Segments[1].Peak, 1e-3);
        Assert.Equal(30, board.Segments[0].Peak, 1e-3);
    }

    [Fact]
    public void Taking_a_segment_away_restores_the_sum()
    {
        var field = new ClusterCase { Spread = 0.3, Correlation = 0.6 }.With(1, 30, 20, 7).Board().Field;
        var sum = new LoadSum(field);
        sum.Add(LoadRole.Lead, 0);
        var before = sum.Scores();
        sum.Add(LoadRole.Lead, 1);
        sum.Add(LoadRole.Lead, 1, -1);

        Assert.Equal(before.Select(v => Math.Round(v, 4)), sum.Scores().Select(v => Math.Round(v, 4)));
    }

    [Fact]
    public void Options_outside_their_ranges_are_all_named()
    {
        Assert.Empty(new ScoringOptions().Problems());
        Assert.Equal(
            6, new ScoringOptions { ThresholdMillicores = 0, ComfortZone = 1.5, Quantile = 0.995, HorizonHours = 0.5, ForecastMaxAgeMinutes = 0, ReactiveHorizonMinutes = double.NaN }.Problems().Count);
        Assert.Empty(new ShardConsole.ControlPlane.Planning.PlanningOptions().Problems());
        Assert.Equal(
            5, new ShardConsole.ControlPlane.Planning.PlanningOptions { MaxMoves = 0, MaxBytes = 0, Hysteresis = 0.9, MinGainMinutes = -1, ForecastTolerance = 0 }.Problems().Count);
    }
}
