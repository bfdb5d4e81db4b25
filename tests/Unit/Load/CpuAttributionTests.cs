using ShardConsole.NodeAgent.Load;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Load;

public sealed class CpuAttributionTests
{
    private static readonly CpuAttributionOptions Options = new() { FixedMicrosPerCommand = 10, FixedMicrosPerFollowedEntry = 5, MaxScale = 4 };

    [Fact]
    public void The_parts_are_in_proportion_to_the_weights_and_add_up_to_what_was_used_for_serving()
    {
        // Weights: 100 × 10 + 2000 = 3000; 100 × 10 + 0 = 1000; follower 200 × 5 + 1000 = 2000.
        var cpu = CpuAttribution.Distribute([Tally(1, 100, 2000), Tally(2, 100, 0), Tally(3, 0, 0, 200, 1000)], 10_000, 1_000, Options);

        Assert.Equal([new SegmentCpu(4500, 0), new SegmentCpu(1500, 0), new SegmentCpu(0, 3000)], cpu);
    }

    [Fact]
    public void Rounding_loses_nothing_of_the_sum()
    {
        var segments = Enumerable.Range(0, 997).Select(i => Tally(i, 1 + (i % 7), i * 0.37, i % 3, i % 5)).ToList();
        var cpu = CpuAttribution.Distribute(segments, 54_321, 321, Options);

        Assert.Equal(54_000, cpu.Sum(c => c.LeaderMicros + c.FollowerMicros));
    }

    [Fact]
    public void A_few_commands_are_not_blamed_for_the_overhead_of_the_node()
    {
        // Weight 1 × 10 + 5 = 15, at most four times that.
        Assert.Equal([new SegmentCpu(60, 0)], CpuAttribution.Distribute([Tally(1, 1, 5)], 50_000, 0, Options));
    }

    [Fact]
    public void Recorded_time_beyond_the_processor_time_is_scaled_down()
    {
        Assert.Equal([new SegmentCpu(500, 0)], CpuAttribution.Distribute([Tally(1, 10, 100_000)], 600, 100, Options));
        Assert.Equal([new SegmentCpu(0, 0)], CpuAttribution.Distribute([Tally(1, 10, 100_000)], 50, 100, Options));
        Assert.Empty(CpuAttribution.Distribute([], 600, 100, Options));
    }

    [Fact]
    public void The_idle_use_is_learned_only_from_buckets_that_served_nobody()
    {
        var idle = new BucketTally([], 0, 0);
        var busy = new BucketTally([Tally(1, 1, 1)], 0, 0);

        Assert.Equal(-1, CpuAttribution.Idle(-1, busy, 900));
        Assert.Equal(100, CpuAttribution.Idle(-1, idle, 100));
        Assert.Equal(110, CpuAttribution.Idle(100, idle, 200));
        Assert.Equal(100, CpuAttribution.Idle(100, busy, 200));

        // 100 of 120 for idling would leave 20 for work that took 50: the estimate gives way towards 70.
        Assert.Equal(97, CpuAttribution.Idle(100, busy, 120, 50), 1e-9);
        Assert.Equal(100, CpuAttribution.Idle(100, busy, 200, 50));
    }

    private static SegmentTally Tally(int segment, long reads, double cpu, long followed = 0, double followerCpu = 0) =>
        new(new SegmentId((ushort)segment), reads, 0, 0, 0, cpu, followerCpu, followed, 0, 0);
}
