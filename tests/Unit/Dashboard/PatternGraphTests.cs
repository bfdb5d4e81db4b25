using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Patterns;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Fleet;

namespace ShardConsole.Unit.Dashboard;

public sealed class PatternGraphTests
{
    // Even segments are of shard 1, odd ones of shard 2.
    private static readonly LinkView[] Links = [Link(2, 4, 10), Link(2, 3, 5), Link(6, 8, 5)];

    [Fact]
    public void Segments_lie_in_the_circles_of_their_shards_and_cut_links_are_told()
    {
        var graph = PatternGraph.Of(Links, Reports.Map);

        Assert.Equal([Reports.S1, Reports.S2], graph.Hulls.Select(h => h.Shard));
        Assert.Equal([2, 3, 4, 6, 8], graph.Dots.Select(d => (int)d.Segment.Value));
        Assert.Equal([(1.0, false), (0.5, true), (0.5, false)], graph.Edges.Select(e => (e.Weight, e.Cut)));
        Assert.All(graph.Dots, d =>
        {
            var hull = graph.Hulls.Single(h => h.Shard == d.Shard);
            Assert.True(Math.Sqrt(Math.Pow(d.X - hull.X, 2) + Math.Pow(d.Y - hull.Y, 2)) < hull.Radius, $"{d.Segment} lies outside of {d.Shard}");
        });
        Assert.All(graph.Hulls, h => Assert.True(h.X - h.Radius >= 0 && h.Y - h.Radius >= 0 && h.X + h.Radius <= PatternGraph.Size && h.Y + h.Radius <= PatternGraph.Size));
    }

    [Fact]
    public void The_places_do_not_depend_on_the_weights()
    {
        var other = PatternGraph.Of([Link(6, 8, 50), Link(2, 3, 1), Link(2, 4, 2)], Reports.Map);

        Assert.Equal(PatternGraph.Of(Links, Reports.Map).Dots, other.Dots);
    }

    [Fact]
    public void Only_the_heaviest_are_drawn_and_none_is_no_graph()
    {
        var many = Enumerable.Range(0, 200).Select(i => Link(i % 31, 31 + (i % 33), 200 - i)).ToList();

        Assert.Equal(PatternGraph.MaxEdges, PatternGraph.Of(many, Reports.Map).Edges.Count);
        Assert.Empty(PatternGraph.Of([], Reports.Map).Hulls);
        Assert.Empty(PatternGraph.Of([Link(1, 9000, 1)], Reports.Map).Edges);
    }

    [Fact]
    public void What_stays_together_is_weighed()
    {
        Assert.Equal(0.75, PatternWords.StaysTogether(Links, Reports.Map), 6);
        Assert.True(double.IsNaN(PatternWords.StaysTogether([], Reports.Map)));
    }

    private static LinkView Link(int one, int other, double perSecond) => new(new SegmentId((ushort)one), new SegmentId((ushort)other), perSecond, perSecond, 2);
}
