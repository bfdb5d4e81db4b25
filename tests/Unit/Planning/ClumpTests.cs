using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning;

/// <summary>Segments that are asked for together move together where that costs less than tearing them apart.</summary>
public sealed class ClumpTests
{
    private static readonly PlanningOptions Options = new() { ExactAssignments = 0 };

    // s-01 is over its threshold of 100 by one of its segments of 30; the last one may not move.
    private static PlanningInput Case(double perSecond) => new ClusterCase { Nodes = 2, Bytes = [1_000_000, 2_000_000, 3_000_000, 1, 1] }.With(1, 30, 30, 30, 20).With(2, 5).Plan() with
    {
        Pinned = new HashSet<SegmentId> { new(2), new(3) },
        Links = [new SegmentLink(new SegmentId(0), new SegmentId(1), perSecond)],
    };

    [Fact]
    public void A_clump_moves_as_one_and_says_so()
    {
        var moves = Run(Case(50)).Plan!.Moves;

        Assert.Equal([(0, 1), (1, 1)], moves.Select(m => ((int)m.Segment.Value, m.Clump ?? 0)).Order());
        Assert.Contains("It goes with segment 1, asked for together with it.", moves.Single(m => m.Segment.Value == 0).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_torn_where_copying_the_rest_costs_more_than_it_is_worth()
    {
        var move = Assert.Single(Run(Case(1)).Plan!.Moves);

        Assert.Equal((0, null), (move.Segment.Value, move.Clump));
    }

    [Fact]
    public void It_is_torn_where_no_target_takes_all_of_it()
    {
        var input = new ClusterCase { Nodes = 2 }.With(1, 60, 60).With(2, 30).Plan() with { Links = [new SegmentLink(new SegmentId(0), new SegmentId(1), 50)] };

        Assert.Single(Run(input).Plan!.Moves);
    }

    [Fact]
    public void A_segment_of_no_clump_goes_rather_than_one_that_would_tear_one()
    {
        var input = new ClusterCase { Nodes = 2, Bytes = [1, 1, 3_000_000, 1] }.With(1, 40, 40, 40).With(2, 5).Plan() with { Links = [new SegmentLink(new SegmentId(0), new SegmentId(1), 50)] };

        Assert.Equal(new SegmentId(2), Assert.Single(Run(input).Plan!.Moves).Segment);
    }

    [Fact]
    public void A_clump_is_no_larger_than_its_limit_and_grows_by_its_strongest_links()
    {
        var clumps = new PlanClumps([.. Enumerable.Range(1, 20).Select(i => new SegmentLink(new SegmentId(0), new SegmentId((ushort)i), i))]);

        Assert.Equal([0, 14, 15, 16, 17, 18, 19, 20], clumps.Around(0, _ => true));
        Assert.Equal([0, 1, 2], clumps.Around(0, s => s < 3));
        Assert.Equal([5], clumps.Around(5, s => s > 5));
    }

    private static PlanningResult Run(PlanningInput input)
    {
        var result = Planner.Run(input, Options);
        Assert.Equal([], PlanVerifier.Violations(input, result, Options));
        return result;
    }
}
