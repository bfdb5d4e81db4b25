using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.History;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Demo;

public sealed class DemoProfileTests
{
    private static readonly DemoProfile Profile = new(1024, TestClock.Start, 400, 2500, 1);

    [Fact]
    public void The_band_first_peaks_five_hours_after_the_start_and_higher_than_ever_before()
    {
        double At(double hours) => Profile.Rates(TestClock.Start.AddHours(hours)).Sum();

        Assert.True(At(5) > 5 * At(0) && At(5) > 2 * At(8.5), "The band is there at five hours, not before and not long after.");
        Assert.True(At(5) > At(5 - 24) && At(5 - 24) > At(5 - (24 * 8)), "It grows from day to day.");
    }

    [Fact]
    public void Threshold_of_a_shard_is_passed_today_and_was_not_before()
    {
        // Cost of a request with a third of writes, µs; the twelve shards of three nodes.
        const double cost = ((20 * 0.7) + (60 * 0.3)) / 1000;
        var owners = PlacementRing.Assign(1024, Enumerable.Range(1, 12).Select(i => new ShardId((ushort)i)));
        double[] heat = [.. owners.Select(o => o == new ShardId(3) ? 1 : 0.12)];
        var profile = new DemoProfile(1024, TestClock.Start, 400, 2500, 1, [heat, heat]);
        double Hottest(DateTimeOffset at)
        {
            var rates = profile.Rates(at);
            return Enumerable.Range(0, 1024).GroupBy(i => owners[i]).Max(g => g.Sum(i => rates[i])) * cost;
        }

        Assert.True(Hottest(TestClock.Start.AddHours(5)) > DemoOptions.DefaultThresholdMillicores);
        Assert.True(Hottest(TestClock.Start) < DemoOptions.DefaultThresholdMillicores / 2);
    }

    [Fact]
    public void The_generated_history_has_whole_hours_of_both_tiers_and_is_marked()
    {
        var profile = new DemoProfile(64, TestClock.Start, 400, 2500, 1);
        var rows = DemoHistory.Of(profile, TestClock.Start.AddHours(-2), TestClock.Start, 64, new DemoOptions(), (20, 60, 30), 9).SelectMany(r => r).ToList();

        Assert.Equal((24 * 6, 2 * 6), (rows.Count(r => r.Tier == (byte)HistoryTier.FiveMinutes), rows.Count(r => r.Tier == (byte)HistoryTier.Hour)));
        Assert.All(rows, r => Assert.Equal(9, r.Source));
        double Sum(LoadMetric metric) => rows.Where(r => r.Metric == (byte)metric && r.Tier == (byte)HistoryTier.FiveMinutes)
            .Sum(r => Enumerable.Range(0, 64).Sum(i => (double)MetricFrame.Decode(r.Data, 64)!.Mean(i, metric, 300)));
        Assert.Equal(((Sum(LoadMetric.Reads) * 20) + (Sum(LoadMetric.Writes) * 60)) / 1000, Sum(LoadMetric.Cpu), 1.0);
    }

    [Fact]
    public void Every_segment_has_keys_of_its_own()
    {
        var keys = new DemoKeys(256);
        for (var segment = 0; segment < 256; segment++)
        {
            var key = System.Text.Encoding.ASCII.GetBytes(keys.Of(segment, 7));
            Assert.Equal(segment, SegmentId.OfSlot(Slot.Of(key), 256).Value);
        }
    }
}
