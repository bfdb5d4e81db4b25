using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Cluster;

public sealed class PlacementRingTests
{
    [Theory]
    [InlineData(1, 1024)]
    [InlineData(12, 1024)]
    [InlineData(7, 64)]
    [InlineData(300, 16384)]
    public void No_shard_gets_more_than_its_bound(int shards, int segments)
    {
        var owners = PlacementRing.Assign(segments, Shards(shards));

        var limit = (int)Math.Ceiling(1.1 * segments / shards);
        Assert.All(owners.GroupBy(o => o), group => Assert.InRange(group.Count(), 1, limit));
        Assert.Equal(segments, owners.Length);
    }

    [Fact]
    public void The_order_of_the_shards_does_not_matter() =>
        Assert.Equal(PlacementRing.Assign(1024, Shards(9)), PlacementRing.Assign(1024, Shards(9).Reverse()));

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(40)]
    public void A_joining_shard_moves_little_beyond_its_own_share(int before)
    {
        var old = PlacementRing.Assign(1024, Shards(before));
        var now = PlacementRing.Assign(1024, Shards(before + 1));

        var moved = old.Zip(now).Count(pair => pair.First != pair.Second);
        Assert.InRange(moved, 1, (int)(1024 * ((1.0 / (before + 1)) + (2 * PlacementRing.DefaultEpsilon))));
    }

    /// <summary>For any cluster of 2 to 64 shards: the n-th shard takes at most 1/n + 5 % of the segments, and no shard is above 1.1 times the mean.</summary>
    [Fact]
    public void Whatever_the_shards_the_nth_moves_at_most_its_share_and_a_twentieth_and_none_is_over_its_bound()
    {
        var random = new Random(20_260);
        for (var round = 0; round < 300; round++)
        {
            var segments = 1024 << random.Next(0, 5);
            var ids = Enumerable.Range(1, 400).OrderBy(_ => random.Next()).Take(random.Next(2, 65)).Select(i => new ShardId((ushort)i)).ToList();
            var before = PlacementRing.Assign(segments, ids.SkipLast(1));
            var after = PlacementRing.Assign(segments, ids);

            var moved = before.Zip(after).Count(pair => pair.First != pair.Second);
            var limit = (int)Math.Ceiling(1.1 * segments / ids.Count);
            Assert.True(moved <= segments * ((1.0 / ids.Count) + 0.05), $"{moved} of {segments} segments move when shard {ids[^1]} joins as number {ids.Count}: {string.Join(" ", ids)}");
            Assert.All(after.GroupBy(o => o), g => Assert.InRange(g.Count(), 1, limit));
        }
    }

    [Fact]
    public void A_count_that_is_no_power_of_two_is_refused_by_name() =>
        Assert.Contains("1000", Assert.Throws<ArgumentException>(() => PlacementRing.Assign(1000, Shards(2))).Message);

    private static IEnumerable<ShardId> Shards(int count) => Enumerable.Range(1, count).Select(i => new ShardId((ushort)i));
}
