using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet;

public sealed class ScoreExplainerTests
{
    [Fact]
    public void Prices_are_learnt_from_reports_and_explain_the_present_load()
    {
        var live = new LiveLoad(64, new IntakeOptions());
        var levels = new SegmentLevels(64);
        for (var second = 1; second <= 400; second++)
        {
            // Segment 4: 100 reads and some writes of 15 and 45 µs; bytes cost nothing.
            var writes = second % 40;
            var report = Reports.Report(Reports.N1, second, TestClock.Start.AddSeconds(second), Reports.Load(4, 100, writes, (100 * 15) + (writes * 45)));
            live.Add(report, ReportSlice.Of(report, Reports.Map, TestClock.Start.AddSeconds(second), TestClock.Start.AddSeconds(second + 1), levels));
        }

        var prices = live.PricesOf(new SegmentId(4));
        Assert.InRange(prices.Of(new Operations(100, 20, 20 * 40 / 1024.0)) / ((100 * 15) + (20 * 45)), 0.97, 1.03);
        Assert.InRange(prices.Write, 38, 50);
    }
}
