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
                "the forecast of s-01 went from 120 to 40 mcore, more than the 35 % that the plan allows",
            ],
            PlanPreconditionCheck.Failures(
                Plan, map, new HashSet<NodeId> { ClusterCase.Node(1) }, peaks, [new MoveUnderWay(new SegmentId(0), ClusterCase.Shard(1), ClusterCase.Shard(2))]));
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
