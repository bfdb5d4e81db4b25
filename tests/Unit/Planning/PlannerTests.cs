using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Planning;

public sealed class PlannerTests
{
    private static readonly PlanningOptions Options = new();

    [Fact]
    public void All_fine_gives_nothing_to_do_with_figures()
    {
        var result = Run(new ClusterCase().With(1, 30, 20).With(2, 40).Plan());

        Assert.Null(result.Plan);
        Assert.Equal("Nothing to do: s-01 peaks highest, 50 mcore at 03:00, threshold 100; the busiest node is n1, 5 % of its CPU at 03:00, comfort zone 70 %.", result.Reason);
        Assert.Empty(result.Refusals);
        Assert.Equal(0, result.Figures.MinutesOverBefore);
        Assert.Null(result.Figures.CrossesAt);
    }

    [Fact]
    public void A_shard_that_will_pass_the_threshold_is_relieved_before_it_does()
    {
        // Below 100 for the next hour and 4 hours more, then 125.
        var plan = new ClusterCase { Shape = k => k < 16 ? 0.5 : 1.25 }.With(1, 30, 25, 45).With(2, 10).Plan();

        var result = Run(plan);

        var move = Assert.Single(result.Plan!.Moves);
        Assert.Equal((ClusterCase.Shard(1), ClusterCase.Shard(2)), (move.From, move.To));
        Assert.Equal(ClusterCase.Now.AddHours(5), result.Figures.CrossesAt);
        Assert.InRange(result.Figures.LatestStart!.Value, ClusterCase.Now.AddHours(4.9), ClusterCase.Now.AddHours(5));
        Assert.Equal(19 * 60, result.Figures.MinutesOverBefore);
        Assert.Equal(0, result.Figures.MinutesOverAfter);
        Assert.Contains("s-01 is predicted to reach 125 mcore at 08:00, threshold 100 passed from 08:00 for 1140 minutes", result.Plan.Reason);
        Assert.Contains($"Segment {move.Segment} is", move.Reason);
        Assert.Contains("s-02 on n2 then carries", move.Reason);
        Assert.Equal("load", result.Plan.Kind);
    }

    [Fact]
    public void The_cheapest_move_that_relieves_is_taken()
    {
        var result = Run(new ClusterCase { Bytes = [900_000_000, 1_000_000, 900_000_000, 1] }.With(1, 40, 40, 40).With(2, 10).Plan());

        Assert.Equal(new SegmentId(1), Assert.Single(result.Plan!.Moves).Segment);
        Assert.Equal(1_000_000, result.Figures.Bytes);
    }

    [Fact]
    public void The_nearer_of_two_equally_empty_targets_is_taken()
    {
        var input = new ClusterCase { Nodes = 3, Shards = 3 }.With(1, 60, 60).With(2, 10).With(3, 10).Plan() with
        {
            RoundTripMicros = new Dictionary<(NodeId From, NodeId To), int> { [(ClusterCase.Node(1), ClusterCase.Node(2))] = 900, [(ClusterCase.Node(1), ClusterCase.Node(3))] = 200 },
        };

        var move = Assert.Single(Run(input).Plan!.Moves);

        Assert.Equal(ClusterCase.Shard(3), move.To);
        Assert.EndsWith("0.2 ms away.", move.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_too_hot_for_any_shard_is_named_and_nothing_moves()
    {
        var result = Run(new ClusterCase().With(1, 150, 20).With(2, 10).Plan());

        Assert.Null(result.Plan);
        var hot = Assert.Single(result.Refusals, r => r.Segment == new SegmentId(0));
        Assert.StartsWith("moving it would not help: alone it is predicted to reach 150 mcore at 03:00", hot.Reason, StringComparison.Ordinal);
        Assert.Contains("not worth it", Assert.Single(result.Refusals, r => r.Segment == new SegmentId(1)).Reason);
        Assert.Contains("moving it would not help", result.Reason);
    }

    [Fact]
    public void Beside_a_hot_segment_that_fits_alone_the_others_leave()
    {
        var result = Run(new ClusterCase { Bytes = [1L << 34, 1000, 1000, 1000] }.With(1, 90, 20, 15).With(2, 10).Plan());

        Assert.Equal([1, 2], result.Plan!.Moves.Select(m => (int)m.Segment.Value).Order());
        Assert.Equal(0, result.Figures.MinutesOverAfter);
    }

    [Fact]
    public void A_shard_of_many_segments_is_relieved_by_as_few_as_needed()
    {
        var result = Run(new ClusterCase { Nodes = 3, Shards = 3 }.With(1, [.. Enumerable.Repeat(5.0, 30)]).With(2, 20).With(3, 20).Plan());

        // 150 to at most 95: eleven segments of 5.
        Assert.Equal(11, result.Plan!.Moves.Length);
        Assert.Equal(95, result.Shards[0].AfterMillicores, 1e-3);
    }

    [Fact]
    public void With_all_shards_full_nothing_moves_and_the_nearest_target_is_named()
    {
        var result = Run(new ClusterCase().With(1, 60, 60).With(2, 50, 45).Plan());

        Assert.Null(result.Plan);
        var refusal = result.Refusals.First(r => r.Segment == new SegmentId(0));
        Assert.Equal(ClusterCase.Shard(2), refusal.To);
        Assert.Contains("s-02 would reach 155 mcore at 03:00, above 95 mcore (threshold 100 less 5 %)", refusal.Reason);
    }

    [Fact]
    public void A_move_to_a_shard_on_the_same_node_does_not_relieve_the_node()
    {
        // Shards 1 and 3 are on n1, which is at 90 % of its CPU; s-02 and s-04 are on n2.
        var result = Run(new ClusterCase { Shards = 4, CpuMillicores = 200, Threshold = 150 }.With(1, 60, 50).With(3, 70).With(2, 10).With(4, 10).Plan());

        Assert.NotEmpty(result.Plan!.Moves);
        Assert.All(result.Plan.Moves, m => Assert.Contains(m.To, new[] { ClusterCase.Shard(2), ClusterCase.Shard(4) }));
        Assert.Equal(0.9, result.Nodes[0].Before, 1e-3);
        Assert.InRange(result.Nodes[0].After, 0, 0.7 * 0.95 + 1e-6);
        Assert.InRange(result.Nodes[1].After, 0, 0.7 * 0.95 + 1e-6);
        Assert.Contains("n1 is predicted to reach 90 % of its CPU", result.Reason);
        Assert.True(result.Figures.BalanceAfter < result.Figures.BalanceBefore);
    }

    [Fact]
    public void Following_costs_too_so_a_fully_replicated_cluster_only_moves_the_leaders_share()
    {
        var result = Run(new ClusterCase { Nodes = 2, Shards = 2, Replication = 2, FollowerRatio = 0.5, CpuMillicores = 200, Threshold = 1000 }
            .With(1, 60, 50, 50).With(2, 10).Plan());

        // n1: 160 + 5 of 140 allowed; a segment of 60 that it then follows takes 30 off.
        Assert.NotEmpty(result.Plan!.Moves);
        Assert.Equal(165.0 / 200, result.Nodes[0].Before, 1e-3);
        var moved = result.Plan.Moves.Sum(m => m.PeakMillicores);
        Assert.Equal((165 - (moved / 2)) / 200, result.Nodes[0].After, 1e-3);
    }

    [Fact]
    public void A_move_under_way_counts_as_done()
    {
        var input = new ClusterCase().With(1, 60, 60).With(2, 10).Plan() with
        {
            UnderWay = [new MoveUnderWay(new SegmentId(0), ClusterCase.Shard(1), ClusterCase.Shard(2))],
        };

        var result = Run(input);

        Assert.Null(result.Plan);
        Assert.Equal(0, result.Figures.MinutesOverBefore);
        Assert.Equal([60.0, 70.0], result.Shards.Select(s => Math.Round(s.BeforeMillicores, 3)));
    }

    [Fact]
    public void A_segment_that_just_moved_rests_and_does_not_go_straight_back()
    {
        var busy = new ClusterCase { Bytes = [1, 1, 1] }.With(1, 60, 60).With(2, 10).Plan();
        var resting = busy with { Past = [new PastMove(new SegmentId(0), ClusterCase.Shard(2), ClusterCase.Shard(1), ClusterCase.Now.AddMinutes(-10))] };
        var back = busy with { Past = [new PastMove(new SegmentId(0), ClusterCase.Shard(2), ClusterCase.Shard(1), ClusterCase.Now.AddMinutes(-100))] };
        var longAgo = busy with { Past = [new PastMove(new SegmentId(0), ClusterCase.Shard(2), ClusterCase.Shard(1), ClusterCase.Now.AddMinutes(-400))] };

        Assert.Equal(new SegmentId(1), Assert.Single(Run(resting).Plan!.Moves).Segment);
        Assert.Contains(Run(resting).Refusals, r => r.Reason == "moved to s-01 10 minutes ago; it rests for 30 minutes");
        Assert.Equal(new SegmentId(1), Assert.Single(Run(back).Plan!.Moves).Segment);
        Assert.Equal(new SegmentId(0), Assert.Single(Run(longAgo).Plan!.Moves).Segment);
    }

    [Fact]
    public void After_a_plan_has_been_carried_out_there_is_nothing_to_do()
    {
        var before = new ClusterCase { Nodes = 3, Shards = 3, Spread = 0.2, Correlation = 0.5 }.With(1, [.. Enumerable.Repeat(7.0, 18)]).With(2, 20).With(3, 30);
        var plan = Run(before.Plan()).Plan!;
        var map = plan.Moves.Aggregate(before.Map(), (m, move) => m.Apply(new SegmentMoved(move.Segment, move.To, move.Reason)));

        var board = ControlPlane.Scoring.Scorer.Run(before.Input() with { Map = map }, new() { ThresholdMillicores = before.Threshold });
        var again = Planner.Run(new PlanningInput(ClusterCase.Now, board, [.. Enumerable.Repeat(1000L, map.SegmentCount)]), Options);

        Assert.Null(again.Plan);
    }

    [Fact]
    public void A_gain_below_the_least_is_not_worth_a_plan()
    {
        var input = new ClusterCase { MeasuredRatio = 0.5, Shape = k => k == 3 ? 1 : 0.5 }.With(1, 60, 60).With(2, 10).Plan();

        var result = Planner.Run(input, new PlanningOptions { MinGainMinutes = 6 });

        Assert.Null(result.Plan);
        Assert.Equal("Nothing to do: 1 move would save 5 minutes over the limits, the least that is worth a plan is 6.", result.Reason);
        Assert.Equal(0, result.Figures.GainMinutes);
        Assert.NotNull(Planner.Run(input, Options).Plan);
    }

    [Fact]
    public void Pinned_segments_dead_targets_excluded_nodes_and_full_memory_are_respected()
    {
        ClusterCase Case() => new ClusterCase { Nodes = 3, Shards = 3, Dead = [2] }.With(1, 60, 60).With(2, 10).With(3, 10);
        var pinned = Case().Plan() with { Pinned = new HashSet<SegmentId> { new(0) } };
        var excluded = Case().Plan() with { Excluded = new HashSet<NodeId> { ClusterCase.Node(3) } };
        var full = new ClusterCase { Use = n => new NodeUse(0, n == 2 ? 750_000_000 : 0, 0, 0), Bytes = [2_000_000, 2_000_000, 1] }.With(1, 60, 60).With(2, 10).Plan();

        var move = Assert.Single(Run(pinned).Plan!.Moves);
        Assert.Equal((new SegmentId(1), ClusterCase.Shard(3)), (move.Segment, move.To));
        Assert.Contains(Run(pinned).Refusals, r => r.Segment == new SegmentId(0) && r.Reason == "pinned");
        Assert.Null(Run(excluded).Plan);
        Assert.Contains(Run(excluded).Refusals, r => r.Reason.Contains("s-02 has 0 of 1 replicas alive", StringComparison.Ordinal));
        Assert.Null(Run(full).Plan);
        Assert.Contains("n2 has 1.6 MB of memory left in its comfort zone, it needs 2.0 MB", Run(full).Refusals[0].Reason);
    }

    [Fact]
    public void Limits_of_moves_and_bytes_hold_and_are_named()
    {
        var input = new ClusterCase { Nodes = 3, Shards = 3 }.With(1, [.. Enumerable.Repeat(5.0, 30)]).With(2, 20).With(3, 20).Plan();

        var few = Planner.Run(input, new PlanningOptions { MaxMoves = 4, MinGainMinutes = 0 });
        var small = Planner.Run(input, new PlanningOptions { MaxBytes = 3_500_000, MinGainMinutes = 0 });

        Assert.Equal(4, few.Plan!.Moves.Length);
        Assert.Contains("Still over the limit: s-01, because the plan already has 4 moves, its limit", few.Reason);
        Assert.Equal(3, small.Plan!.Moves.Length);
        Assert.Contains("would copy more than 3.5 MB", small.Reason);
    }

    [Fact]
    public void Only_the_segments_asked_for_move()
    {
        var input = new ClusterCase().With(1, 40, 40, 40).With(2, 10).Plan() with { Only = new HashSet<SegmentId> { new(2) } };

        Assert.Equal(new SegmentId(2), Assert.Single(Run(input).Plan!.Moves).Segment);
    }

    [Fact]
    public void A_forecast_without_skill_is_not_used_and_the_plan_says_so()
    {
        // The forecast would see no trouble, the measured load does.
        var input = new ClusterCase { Skill = -0.1, Shape = _ => 0.1 }.With(1, 60, 60).With(2, 10).Plan();

        var result = Run(input);

        Assert.Equal("reactive", result.Plan!.Kind);
        Assert.StartsWith("Reactive, because the forecast is worse than repeating yesterday (skill -0.10)", result.Plan.Reason, StringComparison.Ordinal);
        Assert.Equal(60, result.Figures.MinutesOverBefore);
        Assert.Equal(ClusterCase.Now, result.Figures.SuggestedStart);
        Assert.Equal(0.3, result.Figures.Confidence, 1e-6);
    }

    [Fact]
    public void The_suggested_start_is_the_trough_before_the_crossing()
    {
        var result = Run(new ClusterCase { Shape = k => k < 12 ? 0.6 : k == 14 ? 0.3 : k < 20 ? 0.5 : 1.2 }.With(1, 50, 50).With(2, 10).Plan());

        Assert.Equal(ClusterCase.Now.AddHours(3), result.Figures.SuggestedStart);
    }

    [Fact]
    public void The_same_input_gives_the_same_hash()
    {
        PlanningInput Input() => new ClusterCase { Nodes = 3, Shards = 6, Spread = 0.3 }.With(1, 30, 30, 40, 10).With(2, 20).With(3, 5).Plan();

        Assert.Equal(Run(Input()).Plan!.Hash, Run(Input()).Plan!.Hash);
    }

    private static PlanningResult Run(PlanningInput input)
    {
        var result = Planner.Run(input, Options);
        Assert.Equal([], PlanVerifier.Violations(input, result, Options));
        return result;
    }
}
