namespace ShardConsole.Unit.Membership;

/// <summary>Rumours reach every live node, whatever is lost; `bench/run gossip` measures the same at 1000 nodes.</summary>
public sealed class GossipSpreadTests
{
    [Theory]
    [InlineData(100, 0.0, 31)]
    [InlineData(100, 0.25, 32)]
    public void Every_rumour_reaches_every_live_node_push_pull_included(int nodes, double loss, int seed)
    {
        var figures = GossipSpread.Measure(nodes, loss, 10, seed);

        Assert.Equal(0, figures.Missed);
        Assert.InRange(figures.Median, 0.1, loss > 0 ? 60 : 3);
        Assert.InRange(figures.LargestDatagram, 1, 1400);
    }

    [Fact]
    public void At_five_percent_loss_nobody_who_lives_is_taken_for_dead()
    {
        var figures = new GossipSpread(60, 33).Measure(0.05, 20, observeSeconds: 60);

        Assert.Equal((0, 0), (figures.Missed, figures.Killed));
        Assert.True(figures.Seconds >= 60, $"{figures}");
    }
}
