using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning;

/// <summary>What operators forbid: every plan keeps it and names it.</summary>
public sealed class ConstraintTests
{
    private static readonly PlanningOptions Options = new();

    [Fact]
    public void A_pinned_segment_stays_and_its_refusal_names_the_constraint()
    {
        var input = new ClusterCase().With(1, 60, 50, 20).With(2, 10).Plan();

        var result = Run(input with { Constraints = [Pin("billing", 0)] });

        Assert.Equal(new SegmentId(1), Assert.Single(result.Plan!.Moves).Segment);
        Assert.Contains(result.Refusals, r => r.Segment == new SegmentId(0) && r.Reason == "pinned by the constraint “billing”");
    }

    [Fact]
    public void Where_everything_is_pinned_the_reason_of_no_plan_names_the_constraint()
    {
        var result = Run(new ClusterCase().With(1, 60, 60).With(2, 10).Plan() with { Constraints = [Pin("audit week", 0, 1)] });

        Assert.Null(result.Plan);
        Assert.Contains("pinned by the constraint “audit week”", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_excluded_node_takes_nothing_on()
    {
        var input = new ClusterCase { Nodes = 3, Shards = 3 }.With(1, 60, 60).With(2, 5).With(3, 20).Plan();
        Assert.Equal(ClusterCase.Shard(2), Assert.Single(Run(input).Plan!.Moves).To);

        var result = Run(input with { Constraints = [Exclude("repairs", 2)] });
        Assert.Equal(ClusterCase.Shard(3), Assert.Single(result.Plan!.Moves).To);

        var none = Run(input with { Constraints = [Exclude("repairs", 2, 3)] });
        Assert.Contains(none.Refusals, r => r.Reason == "s-02 has a replica on n2, which takes nothing on by the constraint “repairs”");
    }

    [Fact]
    public void An_excluded_node_is_handed_no_leadership()
    {
        var input = new ClusterCase { Nodes = 2, Shards = 4, Replication = 2, CpuMillicores = 200, Threshold = 1000, FollowerRatio = 0.1 }.With(1, 90).With(3, 80).With(2, 5).With(4, 5).Plan();
        Assert.NotEmpty(Run(input).Plan!.Transfers);

        var result = Run(input with { Constraints = [Exclude("repairs", 2)] });

        Assert.Empty(result.Plan?.Transfers ?? []);
        Assert.All(result.TransferRefusals, r => Assert.Equal("n2 takes nothing on by the constraint “repairs”", r.Reason));
        Assert.NotEmpty(result.TransferRefusals);
    }

    [Fact]
    public void Segments_that_are_to_be_apart_do_not_meet()
    {
        // Segment 3 makes shard 2 the emptiest, yet 0 and 1 may not go there beside it.
        var input = new ClusterCase { Nodes = 3, Shards = 3 }.With(1, 55, 55).With(3, 20).With(2, 5).Plan();
        Assert.Equal(ClusterCase.Shard(2), Assert.Single(Run(input).Plan!.Moves).To);

        var result = Run(input with { Constraints = [Apart("hot pair", 0, 1, 3)] });
        Assert.Equal(ClusterCase.Shard(3), Assert.Single(result.Plan!.Moves).To);
    }

    [Fact]
    public void What_keeps_a_segment_apart_is_told()
    {
        var result = Run(new ClusterCase().With(1, 55, 55).With(2, 5).Plan() with { Constraints = [Apart("hot pair", 0, 2), Apart("other pair", 1, 2)] });

        Assert.Null(result.Plan);
        Assert.Contains(result.Refusals, r => r.Reason == "the constraint “hot pair” keeps it apart from segment 2, which is there");
    }

    [Fact]
    public void A_plan_that_is_forbidden_afterwards_does_not_hold()
    {
        var cluster = new ClusterCase().With(1, 60, 60).With(2, 10);
        var input = cluster.Plan();
        var plan = Run(input).Plan!;
        var moved = plan.Moves.Single().Segment.Value;
        IReadOnlyList<string> Failures(params PlanConstraint[] constraints) => PlanPreconditionCheck.Failures(
            plan, cluster.Map(), new HashSet<NodeId> { ClusterCase.Node(1), ClusterCase.Node(2) }, Planner.ShardPeaks(input), [], null, constraints);

        Assert.Empty(Failures(Pin("other", 2), Exclude("source", 1)));
        Assert.Equal([$"segment {moved} is pinned by the constraint “billing”"], Failures(Pin("billing", moved)));
        Assert.Single(Failures(Exclude("repairs", 2)), f => f.EndsWith("takes nothing on by the constraint “repairs”", StringComparison.Ordinal));
        Assert.Equal([$"segment {moved} can not go to s-02: the constraint “pair” keeps it apart from segment 2, which is there"], Failures(Apart("pair", moved, 2)));
    }

    [Theory]
    [InlineData("Pin", "", "", "segments: a pin names at least one.")]
    [InlineData("Pin", "1", "n1", "nodes: only an exclude names nodes.")]
    [InlineData("Pin", "16384", "", "segments: they are 0..16383.")]
    [InlineData("Apart", "1", "", "segments: two at least can be apart.")]
    [InlineData("Apart", "1 1", "", "segments: name each once.")]
    [InlineData("Exclude", "", "", "nodes: an exclude names 1 to 1024 nodes.")]
    [InlineData("Exclude", "1", "n1", "segments: an exclude names nodes only.")]
    [InlineData("Exclude", "", "n1", null)]
    [InlineData("Apart", "1 2", "", null)]
    public void A_rule_that_cannot_be_used_says_why(string kind, string segments, string nodes, string? problem)
    {
        static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(problem, ConstraintRules.Problem(new ConstraintRule("a", Enum.Parse<ConstraintKind>(kind), true, [.. Words(segments).Select(int.Parse)], Words(nodes))));
    }

    [Fact]
    public void A_rule_that_is_off_or_about_what_the_cluster_does_not_have_forbids_nothing()
    {
        var taken = ConstraintRules.For(
            [
                new ConstraintRule("off", ConstraintKind.Pin, false, [1], []), new ConstraintRule("far", ConstraintKind.Pin, true, [1, 64], []),
                new ConstraintRule("gone", ConstraintKind.Exclude, true, [], ["n1", "n9"]),
            ],
            64, name => name == "n1" ? ClusterCase.Node(1) : null);

        Assert.Equal(["far", "gone"], taken.Select(c => c.Name));
        Assert.Equal([new SegmentId(1)], taken[0].Segments);
        Assert.Equal([ClusterCase.Node(1)], taken[1].Nodes);
    }

    private static PlanningResult Run(PlanningInput input)
    {
        var result = Planner.Run(input, Options);
        Assert.Equal([], PlanVerifier.Violations(input, result, Options));
        return result;
    }

    private static PlanConstraint Pin(string name, params int[] segments) => new(name, ConstraintKind.Pin, Ids(segments), new HashSet<NodeId>());

    private static PlanConstraint Apart(string name, params int[] segments) => new(name, ConstraintKind.Apart, Ids(segments), new HashSet<NodeId>());

    private static PlanConstraint Exclude(string name, params int[] nodes) => new(name, ConstraintKind.Exclude, new HashSet<SegmentId>(), nodes.Select(ClusterCase.Node).ToHashSet());

    private static HashSet<SegmentId> Ids(int[] segments) => [.. segments.Select(s => new SegmentId((ushort)s))];
}
