using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.Unit.Patterns;

public sealed class FindingTests
{
    private static readonly PatternOptions Options = new();

    [Fact]
    public void Two_dense_groups_with_a_thin_link_are_two_communities_in_any_order_of_links()
    {
        var links = Clique(0, 1, 2, 3).Concat(Clique(4, 5, 6, 7)).Append((3, 4, 0.5)).ToList();

        Assert.Equal([0, 0, 0, 0, 4, 4, 4, 4], Grouped(Louvain.Communities(8, links)));
        links.Reverse();
        Assert.Equal([0, 0, 0, 0, 4, 4, 4, 4], Grouped(Louvain.Communities(8, links)));
        Assert.Equal([0, 1, 2], Louvain.Communities(3, []));
    }

    [Fact]
    public void A_clump_is_found_among_skewed_noise_with_its_local_share()
    {
        var sketch = Noise(20_000, seed: 1);
        var random = new Random(2);
        int[] clump = [10, 20, 30];
        for (var i = 0; i < 1000; i++)
        {
            sketch.Break();
            AccessSketchTests.Use(sketch, 1, i, clump[random.Next(3)], clump[random.Next(3)], clump[random.Next(3)]);
        }

        var links = Clumps.Links(sketch, Options);
        var found = Assert.Single(Clumps.Find(sketch, links, Options));
        Assert.Equal(clump, found.Segments);
        Assert.InRange(found.LocalShare, 0.3, 0.95);
        Assert.All(links, l => Assert.Contains(l.One, clump));

        // A random order within a clump is no chain.
        Assert.Empty(ChainFinder.Find(sketch, Options));
    }

    [Fact]
    public void A_chain_is_found_whole_and_in_its_order()
    {
        var sketch = Noise(20_000, seed: 3);
        for (var i = 0; i < 300; i++)
        {
            sketch.Break();
            AccessSketchTests.Use(sketch, 1, i, 40, 50, 60, 61);
        }

        var chain = Assert.Single(ChainFinder.Find(sketch, Options));
        Assert.Equal([40, 50, 60, 61], chain.Segments);
        Assert.InRange(chain.Count, 299, 302);
        Assert.InRange(chain.Confidence, 0.8, 1);
    }

    [Fact]
    public void A_beginning_that_often_goes_on_otherwise_is_told_of_too()
    {
        var sketch = new AccessSketch(64, Options);
        for (var i = 0; i < 300; i++)
        {
            sketch.Break();
            AccessSketchTests.Use(sketch, 1, i, i % 2 == 0 ? [40, 50, 60] : [40, 50, i % 9]);
            sketch.Break();
            AccessSketchTests.Use(sketch, 1, i, i % 20, 20 + (i % 7), 30 + (i % 3));
        }

        var found = ChainFinder.Find(sketch, Options).Where(c => c.Segments[0] == 40).Take(2).Select(c => string.Join(',', c.Segments));
        Assert.Equal(["40,50", "40,50,60"], found);
    }

    [Fact]
    public void Noise_alone_has_no_patterns()
    {
        var sketch = Noise(50_000, seed: 4);

        Assert.Empty(Clumps.Links(sketch, Options));
        Assert.Empty(ChainFinder.Find(sketch, Options));
    }

    private static AccessSketch Noise(int count, int seed)
    {
        var random = new Random(seed);
        var sketch = new AccessSketch(64, Options);
        for (var i = 0; i < count; i++)
        {
            sketch.Add((ulong)random.Next(8), i, (int)(64 * Math.Pow(random.NextDouble(), 2)), 0, null);
        }

        return sketch;
    }

    private static IEnumerable<(int, int, double)> Clique(params int[] nodes) => nodes.SelectMany(a => nodes.Where(b => a < b).Select(b => (a, b, 1.0)));

    // Each node's community by its lowest member.
    private static int[] Grouped(int[] communities) => [.. communities.Select(c => Array.IndexOf(communities, c))];
}
