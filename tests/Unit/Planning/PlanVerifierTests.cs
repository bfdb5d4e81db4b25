using System.Collections.Immutable;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Planning;

/// <summary>The verifier finds what it is there to find.</summary>
public sealed class PlanVerifierTests
{
    private static readonly PlanningOptions Options = new();
    private static readonly PlanningInput Input = new ClusterCase { Nodes = 3, Shards = 3 }.With(1, 60, 60).With(2, 10).With(3, 80).Plan();

    public static TheoryData<string, string> Faults => new()
    {
        { "wrong owner", "it does not own it" },
        { "twice", "a segment moves twice" },
        { "to itself", "no other shard of the map" },
        { "to a full shard", "the plan pushes s-03" },
        { "unknown shard", "no other shard of the map" },
        { "no reason", "no reason" },
        { "in the past", "it begins before now" },
        { "no start", "have a start of their own" },
        { "wrong size", "wrong size" },
        { "numbering", "out of order" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_found(string fault, string expected)
    {
        var sound = Planner.Run(Input, Options);
        var move = Assert.Single(sound.Plan!.Moves);
        ImmutableArray<Move> moves = fault switch
        {
            "wrong owner" => [move with { From = ClusterCase.Shard(3) }],
            "twice" => [move, move with { Number = 2 }],
            "to itself" => [move with { To = ClusterCase.Shard(1) }],
            "to a full shard" => [move with { To = ClusterCase.Shard(3) }],
            "unknown shard" => [move with { To = ClusterCase.Shard(9) }],
            "no reason" => [move with { Reason = "" }],
            "in the past" => [move with { StartAt = ClusterCase.Now.AddSeconds(-1) }],
            "no start" => [move with { StartAt = null }],
            "wrong size" => [move with { Bytes = 5 }],
            _ => [move with { Number = 2 }],
        };

        var broken = sound with { Plan = new Plan(sound.Plan.Kind, sound.Plan.MadeAt, sound.Plan.Epoch, sound.Plan.Reason, moves, sound.Plan.Preconditions) };

        Assert.Equal([], PlanVerifier.Violations(Input, sound, Options));
        Assert.Contains(PlanVerifier.Violations(Input, broken, Options), v => v.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Pinned_running_resting_and_excluded_are_found()
    {
        var sound = Planner.Run(Input, Options);
        var segment = sound.Plan!.Moves[0].Segment;
        string Found(PlanningInput input) => string.Join('\n', PlanVerifier.Violations(input, sound, Options));

        Assert.Contains("pinned", Found(Input with { Pinned = new HashSet<SegmentId> { segment } }));
        Assert.Contains("already under way", Found(Input with { UnderWay = [new MoveUnderWay(segment, ClusterCase.Shard(1), ClusterCase.Shard(2))] }));
        Assert.Contains("it rests", Found(Input with { Past = [new PastMove(segment, ClusterCase.Shard(3), ClusterCase.Shard(1), ClusterCase.Now)] }));
        Assert.Contains("the target is excluded", Found(Input with { Excluded = new HashSet<NodeId> { ClusterCase.Node(2) } }));
    }

    [Fact]
    public void Figures_that_do_not_add_up_are_found()
    {
        var sound = Planner.Run(Input, Options);

        Assert.Contains(
            PlanVerifier.Violations(Input, sound with { Figures = sound.Figures with { MinutesOverAfter = 33 } }, Options),
            v => v.Contains("the figures say something else", StringComparison.Ordinal));
    }
}
