using ShardConsole.ControlPlane.Rollout;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Rollout;

/// <summary>Shard s is led by node s mod 10.</summary>
public sealed class RolloutPlacesTests
{
    [Fact]
    public void A_hundred_segments_of_one_pair_take_one_place_up_to_the_batch()
    {
        var places = Places([], maxPairs: 1, batch: 64);

        Assert.Equal(64, Enumerable.Range(0, 100).Count(_ => places.TryTake(S(1), S(2))));
    }

    [Fact]
    public void A_second_pair_wants_a_place_of_its_own()
    {
        var places = Places([(S(1), S(2))], maxPairs: 2, batch: 8);

        Assert.True(places.TryTake(S(3), S(4)));
        Assert.False(places.TryTake(S(5), S(6)));
        Assert.True(places.TryTake(S(1), S(2)));
    }

    [Fact]
    public void The_way_back_is_another_pair()
    {
        var places = Places([(S(1), S(2))], maxPairs: 1, batch: 8);

        Assert.False(places.TryTake(S(2), S(1)));
    }

    [Fact]
    public void A_node_has_part_in_as_many_pairs_as_it_may_whichever_shard_it_leads()
    {
        var places = Places([(S(1), S(2))], maxPairs: 9, batch: 8, maxPairsOfNode: 1);

        Assert.False(places.TryTake(S(11), S(3)));
        Assert.False(places.TryTake(S(3), S(12)));
        Assert.True(places.TryTake(S(3), S(4)));
    }

    private static ShardId S(int number) => new((ushort)number);

    private static RolloutPlaces Places(IEnumerable<(ShardId, ShardId)> moving, int maxPairs, int batch, int maxPairsOfNode = 64) =>
        new(moving, s => new NodeId((ulong)(s.Value % 10)), maxPairs, maxPairsOfNode, batch);
}
