using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Rollout;

/// <summary>
/// Whether one more move may begin, as the cluster counts: a place belongs to a pair of shards, and up to a batch of the pair's segments share it. So a plan's hundred segments between
/// two shards go together, and take no place from others. From its commit on a move takes none: what keeps the former owner's copy for minutes must not keep the next one waiting.
/// Pure; for one look.
/// </summary>
internal sealed class RolloutPlaces
{
    private readonly Dictionary<(ShardId From, ShardId To), int> pairs = [];
    private readonly Func<ShardId, NodeId> leaderOf;
    private readonly int maxPairs;
    private readonly int maxPairsOfNode;
    private readonly int batch;

    /// <param name="moving">Ends of each move that takes a place.</param>
    /// <param name="leaderOf">Who leads a shard: a pair takes a place at the nodes that lead its two shards.</param>
    /// <param name="maxPairs">Pairs that may move at once.</param>
    /// <param name="maxPairsOfNode">Pairs that may move at once at one node.</param>
    /// <param name="batch">Segments of one pair that may be under way together.</param>
    public RolloutPlaces(IEnumerable<(ShardId From, ShardId To)> moving, Func<ShardId, NodeId> leaderOf, int maxPairs, int maxPairsOfNode, int batch)
    {
        (this.leaderOf, this.maxPairs, this.maxPairsOfNode, this.batch) = (leaderOf, maxPairs, maxPairsOfNode, batch);
        foreach (var pair in moving)
        {
            pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
        }
    }

    /// <summary>Takes a place for one more segment of a pair; false where there is none now.</summary>
    public bool TryTake(ShardId from, ShardId to)
    {
        var under = pairs.GetValueOrDefault((from, to));
        if (under > 0 ? under >= batch : pairs.Count >= maxPairs || AtNode(leaderOf(from)) >= maxPairsOfNode || AtNode(leaderOf(to)) >= maxPairsOfNode)
        {
            return false;
        }

        pairs[(from, to)] = under + 1;
        return true;
    }

    private int AtNode(NodeId node) => pairs.Keys.Count(p => leaderOf(p.From) == node || leaderOf(p.To) == node);
}
