using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Planning;

/// <summary>Plans that a person has edited: exactly these moves, with their own figures.</summary>
public sealed class EvaluateTests
{
    private static readonly PlanningInput Input = new ClusterCase { Shards = 3, Nodes = 3 }.With(1, 60, 60, 60).With(2, 10).With(3, 10).Plan();

    [Fact]
    public void A_plan_without_one_of_its_moves_keeps_the_others_and_tells_what_is_left_over_the_limit()
    {
        var whole = Planner.Run(Input, new PlanningOptions());
        Assert.Equal(2, whole.Plan!.Moves.Length);

        var edited = Planner.Evaluate(Input, new PlanningOptions(), whole.Plan.Moves.Skip(1), [], "without move 1");

        var (kept, move) = (whole.Plan.Moves[1], Assert.Single(edited.Plan!.Moves));
        Assert.Equal((1, kept.Segment, kept.From, kept.To), (move.Number, move.Segment, move.From, move.To));
        Assert.Equal(0, whole.Figures.MinutesOverAfter);
        Assert.True(edited.Figures.MinutesOverAfter > 0);
        Assert.NotEqual(whole.Plan.Hash, edited.Plan.Hash);
    }

    [Fact]
    public void Moves_that_are_done_already_are_left_out()
    {
        var there = new Move(1, new(0), ClusterCase.Shard(3), ClusterCase.Shard(1), 60, 1, "");

        Assert.Null(Planner.Evaluate(Input, new PlanningOptions(), [there], [], "").Plan);
    }
}
