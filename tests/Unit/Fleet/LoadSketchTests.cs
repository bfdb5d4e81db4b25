using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Fleet;

public sealed class LoadSketchTests
{
    [Fact]
    public void A_heavy_key_is_held_whatever_else_comes()
    {
        var sketch = new HotKeySketch(8, 1_000_000);
        for (var i = 0; i < 10_000; i++)
        {
            sketch.Add(i % 4 == 0 ? "hot" : $"cold{i}");
        }

        var top = sketch.Top(1)[0];
        Assert.Equal(("hot", 2500L, 0.25), (top.Key, top.Samples, top.Share));
    }

    [Fact]
    public void Old_heat_cools_when_counts_are_halved()
    {
        var sketch = new HotKeySketch(4, 100);
        for (var i = 0; i < 99; i++)
        {
            sketch.Add("old");
        }

        for (var i = 0; i < 150; i++)
        {
            sketch.Add("new");
        }

        Assert.Equal(["new", "old"], sketch.Top(2).Select(k => k.Key));
    }

    [Fact]
    public void Costs_of_reads_and_writes_are_told_apart()
    {
        var cost = new OperationCost();
        Assert.Equal((OperationCost.DefaultRead, OperationCost.DefaultWrite, OperationCost.DefaultFollow), cost.Current());
        for (var i = 0; i < 2000; i++)
        {
            double reads = 1000 + (i % 7 * 300), writes = 200 + (i % 5 * 100);
            cost.Add(reads, writes, (reads * 12) + (writes * 90));
            cost.AddFollower(writes, writes * 25);
        }

        var (read, write, follow) = cost.Current();
        Assert.Equal(12, read, 0.5);
        Assert.Equal(90, write, 2.0);
        Assert.Equal(25, follow, 0.1);
    }

    [Fact]
    public void An_estimated_time_follows_the_mean_rate_and_its_spread()
    {
        var rates = new CopyRates();
        Assert.True(double.IsNaN(rates.Eta(1, 100).Seconds));

        rates.Observe([Copying(100)]);
        Assert.Equal((10, 0), rates.Eta(1, 1000));
        rates.Observe([Copying(200)]);
        Assert.Equal((8.333, 1.389), (Math.Round(rates.Eta(1, 1000).Seconds, 3), Math.Round(rates.Eta(1, 1000).Spread, 3)));
        rates.Observe([]);
        Assert.True(double.IsNaN(rates.Eta(1, 100).Seconds));

        static MigrationStatus Copying(double rate) =>
            new(1, "h", 1, new SegmentId(1), Reports.S1, Reports.S2, MigrationPhase.Shadowing, false, 0, 0, 0, 0, rate, 0, 0, []);
    }

    [Theory]
    [InlineData("s-02", "shard:Shard s-02", "key:Key s-02")]
    [InlineData("n2", "node:Node n2", "key:Key n2")]
    [InlineData("7", "segment:Segment 7", "slot:Slot 7", "key:Key 7")]
    [InlineData("plan", "page:Plans", "key:Key plan")]
    [InlineData("")]
    public void A_text_is_found_as_all_that_it_may_mean(string text, params string[] expected)
    {
        var hits = ClusterSearch.Find(text, Reports.State()).Where(h => h.Kind != "shard" || text.StartsWith('s'));
        Assert.Equal(expected, hits.Select(h => $"{h.Kind}:{h.Title}"));
    }

    [Fact]
    public void Nodes_and_shards_are_shown_with_roles_levels_and_ratios()
    {
        var state = Reports.State();
        var node = NodeRows.Of(state, null, null, 0.7)[0];
        var shard = ShardRows.Of(state, null, null, 250)[1];

        Assert.Equal([Reports.S1], node.Leads);
        Assert.Equal([Reports.S2], node.Follows);
        Assert.Equal(("alive", 0.2), (node.State, node.Dimensions[0].Now));
        Assert.True(double.IsNaN(node.Dimensions[2].Now), "A capacity of 0 is not judged.");
        Assert.Equal((Reports.N2, 32, 250.0), (shard.Leader, shard.Segments, shard.Threshold));
    }

    [Fact]
    public void A_key_belongs_to_the_segment_of_its_slot()
    {
        var hit = ClusterSearch.Find("foo", Reports.State()).Single();
        Assert.Equal($"slot 12182, segment {12182 / 256} of shard s-02", hit.Detail);
        Assert.Equal(12182, Slot.Of("foo"u8));
    }
}
