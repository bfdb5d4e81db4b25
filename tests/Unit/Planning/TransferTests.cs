using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Planning;

/// <summary>Transfers of leadership: where a node is over its comfort zone although its shards are not.</summary>
public sealed class TransferTests
{
    private static readonly PlanningOptions Options = new();

    // n1 leads s-01 and s-03, together 86 % of its 200 mcore; n2 follows both and is nearly idle. No shard is near the threshold of 150.
    private static ClusterCase Busy() => new ClusterCase { Nodes = 2, Shards = 4, Replication = 2, FollowerRatio = 0.1, CpuMillicores = 200, Threshold = 150 }
        .With(1, 60, 30).With(3, 82).With(2, 5).With(4, 5);

    [Fact]
    public void A_node_over_its_comfort_zone_hands_leadership_over_and_nothing_is_copied()
    {
        var result = Run(Busy().Plan());

        Assert.Empty(result.Plan!.Moves);
        var transfer = Assert.Single(result.Plan.Transfers);
        Assert.Equal((1, ClusterCase.Node(1), ClusterCase.Node(2)), (transfer.Number, transfer.From, transfer.To));
        Assert.Equal((0L, 0.0), (result.Figures.Bytes, result.Figures.NodeMinutesOverAfter));
        Assert.True(result.Figures.NodeMinutesOverBefore > 0);
        Assert.StartsWith("n1 is predicted to reach 87 % of its CPU at 03:00 (comfort zone 70 %); leading", transfer.Reason, StringComparison.Ordinal);
        Assert.Contains("n2 follows", transfer.Reason, StringComparison.Ordinal);
        Assert.Contains("1 transfer of leadership, nothing is copied.", result.Plan.Reason, StringComparison.Ordinal);
        Assert.Equal([transfer.Shard], result.Plan.Preconditions.ShardsUsed);
    }

    [Fact]
    public void A_shard_over_its_threshold_is_not_helped_by_another_leader()
    {
        var result = Run(new ClusterCase { Nodes = 2, Shards = 2, Replication = 2, FollowerRatio = 0.1, CpuMillicores = 2000 }.With(1, 60, 60).With(2, 10).Plan());

        Assert.Empty(result.Plan!.Transfers);
        Assert.NotEmpty(result.Plan.Moves);
    }

    [Fact]
    public void What_transfers_leave_over_the_limit_is_moved()
    {
        // n1 leads a shard over its threshold and another that is nearly there: moving a segment of the first is not enough for the node.
        var result = Run(new ClusterCase { Nodes = 3, Shards = 6, Replication = 2, FollowerRatio = 0.1, CpuMillicores = 200, Threshold = 100 }
            .With(1, 60, 50).With(4, 95).With(2, 10).With(3, 10).With(5, 5).With(6, 5).Plan());

        Assert.NotEmpty(result.Plan!.Moves);
        Assert.NotEmpty(result.Plan.Transfers);
        Assert.All(result.Plan.Transfers, t => Assert.True(t.Number > result.Plan.Moves.Length));
        Assert.Equal(0, result.Figures.MinutesOverAfter + result.Figures.NodeMinutesOverAfter);
    }

    [Fact]
    public void Leadership_rests_after_a_transfer_and_does_not_go_straight_back()
    {
        PastTransfer Before(int shard, int minutes) => new(ClusterCase.Shard(shard), ClusterCase.Node(2), ClusterCase.Node(1), ClusterCase.Now.AddMinutes(-minutes));
        var chosen = Run(Busy().Plan()).Plan!.Transfers[0].Shard.Value;

        Assert.DoesNotContain(Run(Busy().Plan() with { PastTransfers = [Before(chosen, 10)] }).Plan?.Transfers ?? [], t => t.Shard.Value == chosen);
        Assert.DoesNotContain(Run(Busy().Plan() with { PastTransfers = [Before(chosen, 100)] }).Plan?.Transfers ?? [], t => t.Shard.Value == chosen);
        Assert.Equal(chosen, Run(Busy().Plan() with { PastTransfers = [Before(chosen, 400)] }).Plan!.Transfers[0].Shard.Value);
        var refused = Run(Busy().Plan() with { PastTransfers = [Before(1, 10), Before(3, 100)], Pinned = All() });
        Assert.Null(refused.Plan);
        Assert.Equal(
            ["s-01: its leadership was moved 10 minutes ago; it rests for 30 minutes", "s-03: n2 led it 100 minutes ago; it does not go back for 360"],
            refused.TransferRefusals.Select(r => $"{r.Shard}: {r.Reason}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Who_takes_nothing_on_is_dead_or_would_be_over_its_limit_does_not_lead()
    {
        var excluded = Run(Busy().Plan() with { Excluded = new HashSet<NodeId> { ClusterCase.Node(2) } });
        var full = Run(new ClusterCase { Nodes = 2, Shards = 4, Replication = 2, FollowerRatio = 0.1, CpuMillicores = 200, Threshold = 150 }
            .With(1, 60, 30).With(3, 80).With(2, 60).With(4, 60).Plan() with { Pinned = All() });
        var changing = Run(Busy().Plan() with { ReplicasChanging = new HashSet<ShardId> { ClusterCase.Shard(1), ClusterCase.Shard(3) } });

        Assert.Empty(excluded.Plan?.Transfers ?? []);
        Assert.Contains(excluded.TransferRefusals, r => r.Reason == "n2 takes nothing on");
        Assert.Empty(full.Plan?.Transfers ?? []);
        Assert.Contains(full.TransferRefusals, r => r.Reason.StartsWith("n2 would reach ", StringComparison.Ordinal));
        Assert.Empty(changing.Plan?.Transfers ?? []);
    }

    [Fact]
    public void A_transfer_under_way_counts_as_made()
    {
        var made = Run(Busy().Plan()).Plan!.Transfers[0];

        Assert.Null(Run(Busy().Plan() with { TransfersUnderWay = [new TransferUnderWay(made.Shard, made.To)] }).Plan);
    }

    [Fact]
    public void Transfers_are_part_of_the_hash_and_of_what_makes_a_plan_stale()
    {
        var (input, plan) = (Busy().Plan(), Run(Busy().Plan()).Plan!);
        var map = input.Scores.Map;
        HashSet<NodeId> alive = [ClusterCase.Node(1), ClusterCase.Node(2)];
        IReadOnlyList<string> Failures(ShardMap now) => PlanPreconditionCheck.Failures(plan, now, alive, Planner.ShardPeaks(input), []);
        var shard = map.Find(plan.Transfers[0].Shard)!;

        Assert.NotEqual(plan.Hash, new Plan(plan.Kind, plan.MadeAt, plan.Epoch, plan.Reason, plan.Moves, plan.Preconditions).Hash);
        Assert.Empty(Failures(map));
        Assert.Equal(
            [$"epoch 8: {shard.Id} is led by {ClusterCase.Node(2)}, the plan takes it from {ClusterCase.Node(1)}"],
            Failures(map.Apply(new ReplicasChanged(shard.Id, shard.Replicas, ClusterCase.Node(2)))));
        Assert.Equal(
            [$"epoch 8: {ClusterCase.Node(2)} holds no replica of {shard.Id} any more"],
            Failures(map.Apply(new ReplicasChanged(shard.Id, [ClusterCase.Node(1)], ClusterCase.Node(1)))));
    }

    [Fact]
    public void The_verifier_sees_a_transfer_to_a_node_without_a_replica_and_one_that_pushes_its_node_over()
    {
        var (input, result) = (Busy().Plan(), Run(Busy().Plan()));
        var plan = result.Plan!;
        IReadOnlyList<string> Of(params LeaderTransfer[] transfers) => PlanVerifier.Violations(
            input, result with { Plan = new Plan(plan.Kind, plan.MadeAt, plan.Epoch, plan.Reason, plan.Moves, plan.Preconditions, [.. transfers]) }, Options);

        Assert.Contains($"transfer 1 of s-03 to {ClusterCase.Node(9)} is not allowed", Of(plan.Transfers[0] with { To = ClusterCase.Node(9) }));
        Assert.Contains(Of(plan.Transfers[0], plan.Transfers[0] with { Number = 2, Shard = ClusterCase.Shard(1) }), v => v.StartsWith("the plan pushes n2 from ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_with_transfers_survives_being_kept_as_json()
    {
        var plan = Run(Busy().Plan()).Plan!;
        var json = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web);

        var again = System.Text.Json.JsonSerializer.Deserialize<Plan>(System.Text.Json.JsonSerializer.Serialize(plan, json), json)!;

        Assert.Equal((plan.Hash, plan.Transfers[0]), (again.Hash, again.Transfers[0]));
    }

    private static HashSet<SegmentId> All() => [.. Enumerable.Range(0, 8).Select(s => new SegmentId((ushort)s))];

    private static PlanningResult Run(PlanningInput input)
    {
        var result = Planner.Run(input, Options);
        Assert.Equal([], PlanVerifier.Violations(input, result, Options));
        return result;
    }
}
