using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning.Paper;

/// <summary>Paper clusters that are small enough to be computed by hand.</summary>
public sealed class PaperRunTests
{
    [Fact]
    public void Without_moves_every_minute_over_a_limit_counts()
    {
        // n1 bears 900 of 1000: outside the comfort zone of 70 %, and ln 100 × 0.2 ms ÷ (1 − 0.9) = 9.2 ms is over 5 ms. n2 bears 100.
        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 2]), PaperCase.Constant(10, 900, 100), new NoMovesPolicy());

        Assert.Equal(10, result.OverloadNodeMinutes, 9);
        Assert.Equal(10, result.ViolationMinutes, 9);
        Assert.Equal(10, result.ViolatedMinutes, 9);
        Assert.Equal(9.2103, result.WorstP99Ms, 3);
        Assert.Equal(0.9, result.Peak, 6);
        Assert.Equal(0.5, result.Mean, 6);
        Assert.Empty(result.Moves);
        Assert.Equal([0.9f, 0.1f], result.Utilisation[9]);
    }

    [Fact]
    public void Nodes_count_one_by_one_and_the_cluster_once()
    {
        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 2]), PaperCase.Constant(4, 950, 950), new NoMovesPolicy());

        Assert.Equal((8, 8, 4), (result.OverloadNodeMinutes, result.ViolationMinutes, result.ViolatedMinutes));
    }

    [Fact]
    public void A_move_takes_its_seconds_and_its_bytes_and_relieves_from_the_next_step_on()
    {
        // 2 s beside copying, 12 MB at 12 MB/s: done after 3 s.
        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), PaperCase.Constant(5, 400, 400, 100), PaperCase.Given((0, 1, 2)));

        var move = Assert.Single(result.Moves);
        Assert.Equal(PaperCase.Start.AddSeconds(3), move.EndedAt);
        Assert.Equal(12_000_000, result.BytesMoved);
        Assert.Equal(1, result.OverloadNodeMinutes, 9);
        Assert.Equal([0.8f, 0.1f], result.Utilisation[0]);
        Assert.Equal([0.4f, 0.5f], result.Utilisation[1]);
        Assert.Equal(new ShardId(2), result.Map.OwnerOf(new SegmentId(0)));
    }

    [Theory]
    [InlineData(1, 48e6, 3, 6)]
    [InlineData(2, 48e6, 4, 4)]
    [InlineData(2, 6e6, 6, 6)]
    public void Moves_of_one_node_wait_or_share_its_rate(int perNode, double clusterRate, double first, double second)
    {
        var options = new PaperOptions { MovesPerNode = perNode, ClusterBytesPerSecond = clusterRate, CopyMillisecondsPerMegabyte = 0 };

        var result = PaperCase.Run(PaperCase.Cluster(3, [1, 1]), PaperCase.Constant(5, 1, 1), PaperCase.Given((0, 1, 2), (1, 1, 3)), options);

        Assert.Equal([first, second], result.Moves.Select(m => (m.EndedAt!.Value - PaperCase.Start).TotalSeconds));
    }

    [Fact]
    public void Copying_costs_the_leader_of_the_source_and_every_replica_of_the_target()
    {
        // 12 MB × 60 ms in a minute: 12 mcore.
        var options = new PaperOptions { CopyMillisecondsPerMegabyte = 60 };

        var result = PaperCase.Run(PaperCase.Cluster(3, [1, 2], replication: 2), PaperCase.Constant(2, 100, 0), PaperCase.Given((0, 1, 2)), options);

        Assert.Equal([0.112f, 0.012f, 0.012f], result.Utilisation[0].Select(u => MathF.Round(u, 6)));
    }

    [Fact]
    public void A_move_that_is_not_done_counts_with_the_bytes_it_copied()
    {
        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 1], bytes: 12_000_000_000), PaperCase.Constant(1, 1, 1), PaperCase.Given((0, 1, 2), (1, 1, 2)));

        Assert.Equal((0, 1), (result.Done, result.Waiting));
        Assert.Equal(58 * 12_000_000L, result.BytesMoved);
        Assert.Null(result.LastEnd);
    }

    [Fact]
    public void There_and_straight_back_is_reversed()
    {
        var policy = new Script(
            (0, PaperCase.Given((0, 1, 2))), (5, PaperCase.Given((0, 2, 1))), (10, PaperCase.Given((0, 1, 3))), (15, PaperCase.Given((0, 3, 2))));

        var result = PaperCase.Run(PaperCase.Cluster(3, [1]), PaperCase.Constant(20, 1), policy);

        Assert.Equal([false, true, false, false], result.Moves.Select(m => m.Reversed));
        Assert.Equal(1, result.Reversed);
    }

    [Fact]
    public void A_lost_node_s_shard_is_led_by_its_next_replica()
    {
        var cluster = PaperCase.Cluster(3, [1, 2, 3], replication: 2) with { Lost = new HashSet<NodeId> { new(1) } };

        var result = PaperCase.Run(cluster, PaperCase.Of(1, _ => [100, 200, 300], followRatio: 0.5), new NoMovesPolicy());

        // s-01 (n1, n2) is led by n2, which leads s-02 too; n3 follows s-02 and leads s-03, whose other replica is away.
        Assert.Equal([float.NaN, 0.3f, 0.4f], result.Utilisation[0]);
    }

    [Fact]
    public void A_new_node_leads_empty_shards_that_can_be_filled()
    {
        var cluster = PaperCase.Cluster(2, [1, 1, 2, 3, 4], shards: 4, replication: 2).With(new HashSet<NodeId>(), 1);

        Assert.Equal(["n1", "n2", "n3"], cluster.Members.Select(m => m.Name));
        Assert.Equal(6, cluster.Map.Shards.Length);
        Assert.All(cluster.Map.Shards.Skip(4), s => Assert.True(s.PreferredLeader == new NodeId(3) && s.Replicas.Length == 2 && s.Replicas.Contains(new NodeId(3))));
        var result = PaperCase.Run(cluster, PaperCase.Constant(3, 400, 400, 1, 1, 1), PaperCase.Given((0, 1, 5)));
        Assert.Equal(0.4f, result.Utilisation[2][2]);
    }

    [Fact]
    public void Straight_lines_run_between_the_middles_of_the_steps()
    {
        var loads = new PaperLoads(PaperCase.Start, TimeSpan.FromMinutes(5), [[10f], [20f], [float.NaN]], null, 0).Finer(5);

        Assert.Equal(TimeSpan.FromMinutes(1), loads.Step);
        Assert.Equal([10, 10, 10, 12, 14, 16, 18, 20, 20, 20], loads.Lead.Take(10).Select(c => Math.Round(c[0], 4)));
        Assert.All(loads.Lead.Skip(10), c => Assert.True(float.IsNaN(c[0])));
    }

    [Fact]
    public void The_queue_knows_the_utilisation_at_which_it_breaks_its_target()
    {
        var queue = new QueueModel(1, 10);

        Assert.Equal(1 - (Math.Log(100) / 10), queue.LargestUtilisation, 12);
        Assert.False(queue.Violates(queue.LargestUtilisation - 1e-9));
        Assert.True(queue.Violates(queue.LargestUtilisation + 1e-9));
        Assert.Equal(2 * Math.Log(100), queue.P99Ms(0.5), 12);
        Assert.Equal(double.PositiveInfinity, queue.P99Ms(1));
    }

    [Fact]
    public void Unusable_options_are_named_all_at_once()
    {
        var options = new PaperOptions { TickSeconds = 0, MovesAtOnce = 0, NodeBytesPerSecond = 0, ComfortZone = 2, Queue = new QueueModel(1, 1) };

        Assert.Equal(5, options.Problems().Count);
        Assert.Throws<ArgumentException>(() => PaperCase.Run(PaperCase.Cluster(1, [1]), PaperCase.Constant(1, 1), new NoMovesPolicy(), options));
    }

    private sealed class Script(params (int Minute, IPaperPolicy Policy)[] lines) : IPaperPolicy
    {
        public IReadOnlyList<WantedMove> Decide(PaperMoment moment) =>
            [.. lines.Where(l => PaperCase.Start.AddMinutes(l.Minute) == moment.Now).SelectMany(l => l.Policy.Decide(moment))];
    }
}
