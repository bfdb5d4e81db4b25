using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Cluster;

public sealed class ShardMapTests
{
    private static readonly ShardMap Map = new()
    {
        Epoch = 1,
        Owners = PlacementRing.Assign(64, [new ShardId(1), new ShardId(2)]),
        Shards = [new ShardInfo(new ShardId(1), [new NodeId(1)], new NodeId(1)), new ShardInfo(new ShardId(2), [new NodeId(2)], new NodeId(2))],
    };

    [Fact]
    public void A_move_gives_the_next_epoch_and_keeps_its_reason()
    {
        var moved = Map.Apply(new SegmentMoved(new SegmentId(3), new ShardId(2), "hot at nine"));

        Assert.Equal(2UL, moved.Epoch);
        Assert.Equal(new ShardId(2), moved.OwnerOf(new SegmentId(3)));
        Assert.Equal("hot at nine", Assert.Single(moved.Exceptions).Reason);
        Assert.NotEqual(Map.Digest(), moved.Digest());
    }

    [Fact]
    public void A_move_to_an_unknown_shard_or_of_an_unknown_segment_is_refused()
    {
        Assert.Contains("s-09", Assert.Throws<ArgumentException>(() => Map.Apply(new SegmentMoved(new SegmentId(3), new ShardId(9), ""))).Message);
        Assert.Contains("0..63", Assert.Throws<ArgumentException>(() => Map.Apply(new SegmentMoved(new SegmentId(64), new ShardId(1), ""))).Message);
    }
}
