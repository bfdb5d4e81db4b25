using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.Unit.Patterns;

public sealed class AccessSketchTests
{
    private static readonly PatternOptions Options = new();

    [Fact]
    public void A_code_gives_back_its_segments()
    {
        Assert.Equal([0], ChainCode.Segments(ChainCode.Of(0)));
        Assert.Equal([0, 16383, 0, 5], ChainCode.Segments(ChainCode.Of(0, 16383, 0, 5)));
        Assert.NotEqual(ChainCode.Of(0, 5), ChainCode.Of(5));
    }

    [Fact]
    public void Pairs_and_chains_are_those_of_one_connection_within_the_window()
    {
        var sketch = new AccessSketch(64, Options);
        Use(sketch, 1, 0, 3, 9);
        Use(sketch, 2, 100, 40);

        // Too late for connection 1; the second 3 in a row is no step.
        Use(sketch, 1, 5000, 3, 3, 7);

        Assert.Equal([(3, 7), (3, 9)], sketch.Pairs().Select(p => (p.One, p.Other)).Order());
        Assert.Equal([[3, 7], [3, 9]], sketch.Chains().Select(c => c.Segments).OrderBy(s => s[1]));
        Assert.Equal((6.0, 2.0, 1.0), (sketch.Total, sketch.Out[3], sketch.In[9]));
    }

    [Fact]
    public void Longer_chains_end_at_each_access_and_hold_four_at_most()
    {
        var sketch = new AccessSketch(64, Options);
        Use(sketch, 1, 0, 1, 2, 3, 4, 5);

        Assert.Equal(["1,2", "1,2,3", "1,2,3,4", "2,3", "2,3,4", "2,3,4,5", "3,4", "3,4,5", "4,5"], sketch.Chains().Select(c => string.Join(',', c.Segments)).Order(StringComparer.Ordinal));
        Assert.Equal(10, sketch.Pairs().Count());
    }

    [Fact]
    public void Nothing_follows_over_a_break()
    {
        var sketch = new AccessSketch(64, Options);
        Use(sketch, 1, 0, 3);
        sketch.Break();
        Use(sketch, 1, 1, 9);

        Assert.Empty(sketch.Pairs());
    }

    [Fact]
    public void Of_too_many_connections_the_silent_ones_are_forgotten()
    {
        var sketch = new AccessSketch(64, new PatternOptions { Streams = 64, WindowMs = 60_000 });
        for (var connection = 0; connection < 10_000; connection++)
        {
            Use(sketch, (ulong)connection, connection, 1);
        }

        Use(sketch, 9_999, 10_000, 2);
        Use(sketch, 0, 10_000, 3);
        Assert.Equal([(1, 2)], sketch.Pairs().Select(p => (p.One, p.Other)));
    }

    [Fact]
    public void A_sketch_is_bounded_at_any_size() => Assert.InRange(new AccessSketch(16384, Options).SizeBytes, 1, 64 << 20);

    [Fact]
    public void A_saved_and_restored_sketch_goes_on_bit_for_bit()
    {
        var sketch = Random(1);
        var copy = AccessSketch.Read(new BinaryReader(new MemoryStream(Bytes(sketch))), 64, Options);
        sketch.Break();
        Use(sketch, 5, 0, 1, 2, 3);
        Use(copy, 5, 0, 1, 2, 3);
        sketch.Decay(0.7);
        copy.Decay(0.7);

        Assert.Equal(Bytes(sketch), Bytes(copy));
        Assert.Throws<InvalidDataException>(() => AccessSketch.Read(new BinaryReader(new MemoryStream(Bytes(sketch))), 128, Options));
    }

    [Fact]
    public void Sketches_of_two_nodes_add_up()
    {
        AccessSketch one = Random(1), other = Random(2);
        var expected = one.Chain(1, 2).Count + other.Chain(1, 2).Count;

        one.Merge(other);

        Assert.Equal(20_000, one.Total);
        Assert.Equal(expected, one.Chain(1, 2).Count);
        Assert.Equal(20_000, one.Uses.Sum());
    }

    [Fact]
    public void Hot_keys_of_a_segment_come_with_their_bounds_and_names()
    {
        var sketch = new AccessSketch(64, new PatternOptions { HotKeysPerSegment = 4, KeyCharacters = 20 });
        for (var i = 0; i < 1000; i++)
        {
            sketch.Add(0, i, 5, i % 2 == 0 ? 1UL : 100 + ((ulong)i % 50), i % 2 == 0 ? "hot" : "a key that is too long to be kept");
        }

        var hot = Assert.Single(sketch.HotKeys.Top(5, 10), k => k.Hash == 1);
        Assert.Equal(("hot", 5, 500.0, 0.5), (hot.Key, hot.Segment, hot.Count, hot.Share));
        Assert.All(sketch.HotKeys.Top(10).Skip(1), k => Assert.Null(k.Key));
        Assert.Empty(sketch.HotKeys.Top(6, 10));
    }

    internal static void Use(AccessSketch sketch, ulong connection, long ms, params int[] segments)
    {
        foreach (var segment in segments)
        {
            sketch.Add(connection, ms, segment, (ulong)segment, null);
        }
    }

    private static AccessSketch Random(int seed)
    {
        var random = new Random(seed);
        var sketch = new AccessSketch(64, Options);
        for (var i = 0; i < 10_000; i++)
        {
            sketch.Add((ulong)random.Next(8), i, random.Next(64), (ulong)random.Next(200), $"k{random.Next(200)}");
        }

        return sketch;
    }

    private static byte[] Bytes(AccessSketch sketch)
    {
        var stream = new MemoryStream();
        sketch.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
