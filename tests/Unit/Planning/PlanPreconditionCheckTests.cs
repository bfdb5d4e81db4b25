using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Planning;

public sealed class PlanPreconditionCheckTests
{
    private static readonly ClusterCase Cluster = new ClusterCase().With(1, 60, 60).With(2, 10);
    private static readonly PlanningInput Input = Cluster.Plan();
    private static readonly Plan Plan = Planner.Run(Input, new PlanningOptions()).Plan!;
    private static readonly HashSet<NodeId> BothAlive = [ClusterCase.Node(1), ClusterCase.Node(2)];

    [Fact]
    public void A_plan_that_still_holds_has_no_failures() =>
        Assert.Equal([], PlanPreconditionCheck.Failures(Plan, Cluster.Map(), BothAlive, Planner.ShardPeaks(Input), []));

    [Fact]
    public void Another_epoch_alone_is_information_only() =>
        Assert.Equal([], PlanPreconditionCheck.Failures(Plan, Cluster.Map() with { Epoch = 99 }, BothAlive, Planner.ShardPeaks(Input), []));

    [Fact]
    public void Each_failed_precondition_is_said_in_words()
    {
        var map = Cluster.Map().Apply(new SegmentMoved(new SegmentId(0), ClusterCase.Shard(2), "by hand"));
        var peaks = new Dictionary<ShardId, double> { [ClusterCase.Shard(1)] = 40, [ClusterCase.Shard(2)] = 11 };

        Assert.Equal(
            [
                "epoch 8: segment 0 belongs to s-02, the plan moves it from s-01",
                "segment 0 is already moving from s-01 to s-02",
                $"node {ClusterCase.Node(2)} is not alive",
                "the forecast of s-01 went from 120 to 40 mcore, more than the 35 % of the threshold 100 that the plan allows",
            ],
            PlanPreconditionCheck.Failures(
                Plan, map, new HashSet<NodeId> { ClusterCase.Node(1) }, peaks, [new MoveUnderWay(new SegmentId(0), ClusterCase.Shard(1), ClusterCase.Shard(2))]));
    }

    [Theory]
    [InlineData(120, 40, true)]
    [InlineData(86, 10, true)]
    [InlineData(84, 10, false)]
    [InlineData(200, 10, true)]
    [InlineData(120, 44, true)]
    [InlineData(120, 46, false)]
    [InlineData(120, 1, true)]
    public void The_forecast_is_judged_by_the_threshold_and_only_where_it_makes_the_plan_wrong(double relieved, double filled, bool holds)
    {
        // Planned with 120 and 10, threshold 100: the tolerance of 35 % is 35 mcore. More load at who is relieved, and less at who takes on, do no harm.
        var peaks = new Dictionary<ShardId, double> { [ClusterCase.Shard(1)] = relieved, [ClusterCase.Shard(2)] = filled };

        Assert.Equal(holds, PlanPreconditionCheck.Failures(Plan, Cluster.Map(), BothAlive, peaks, []).Count == 0);
    }

    [Fact]
    public void A_plan_of_an_older_version_is_judged_by_the_planned_peak()
    {
        var old = new Plan(Plan.Kind, Plan.MadeAt, Plan.Epoch, Plan.Reason, Plan.Moves, Plan.Preconditions with { ThresholdMillicores = 0 });

        Assert.Equal(
            ["the forecast of s-02 went from 10 to 16 mcore, more than the 35 % that the plan allows"],
            PlanPreconditionCheck.Failures(old, Cluster.Map(), BothAlive, new Dictionary<ShardId, double> { [ClusterCase.Shard(1)] = 120, [ClusterCase.Shard(2)] = 16 }, []));
    }

    [Fact]
    public void A_shard_that_is_gone_fails() =>
        Assert.Contains(
            "shard s-02 is no longer in the map (epoch 7)",
            PlanPreconditionCheck.Failures(Plan, Cluster.Map() with { Shards = [Cluster.Map().Shards[0]] }, BothAlive, Planner.ShardPeaks(Input), []));

    [Fact]
    public void Moves_that_have_landed_do_not_make_their_own_plan_stale()
    {
        var map = Cluster.Map().Apply(new SegmentMoved(new SegmentId(0), ClusterCase.Shard(2), "plan"));
        var peaks = new Dictionary<ShardId, double> { [ClusterCase.Shard(1)] = 60, [ClusterCase.Shard(2)] = 70 };

        Assert.Equal([], PlanPreconditionCheck.Failures(Plan, map, BothAlive, peaks, [], new HashSet<int> { 1 }));
    }
}
