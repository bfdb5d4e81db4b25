using System.Collections.Immutable;

namespace ShardConsole.Shared.Cluster;

/// <summary>
/// Consistent hashing with virtual nodes and bounded loads: where a segment stands as long as nothing better is known.
/// No shard gets more than (1 + ε) × the mean number of segments, and a shard that joins or leaves moves little beyond its own share
/// (Mirrokni, Thorup, Zadimoghaddam: Consistent Hashing with Bounded Loads, SODA 2018, section 1.1).
/// </summary>
public static class PlacementRing
{
    /// <summary>Points of each shard on the ring: so many that the n-th shard moves at most 1/n + 5 % of the segments. With 128 of them some clusters moved more.</summary>
    public const int VirtualNodes = 1024;

    /// <summary>Default ε: how far above the mean a shard's count may stand.</summary>
    public const double DefaultEpsilon = 0.1;

    /// <summary>Owner of each segment. The same shards give the same answer in any order.</summary>
    /// <param name="segmentCount">Number of segments, a power of two from 64 to 16384.</param>
    /// <param name="shards">At least one, each once.</param>
    /// <param name="epsilon">ε, above 0 and at most 1.</param>
    public static ImmutableArray<ShardId> Assign(int segmentCount, IEnumerable<ShardId> shards, double epsilon = DefaultEpsilon)
    {
        if (!Slot.IsSegmentCount(segmentCount))
        {
            throw new ArgumentException($"Segment count {segmentCount} is not a power of two from 64 to {Slot.Count}.");
        }

        var ordered = shards.Distinct().Order().ToArray();
        if (ordered.Length == 0)
        {
            throw new ArgumentException("A ring needs at least one shard.");
        }

        var ring = BuildRing(ordered);
        var limit = (int)Math.Ceiling((1 + epsilon) * segmentCount / ordered.Length);
        var counts = new Dictionary<ShardId, int>(ordered.Length);
        var owners = new ShardId[segmentCount];
        for (var segment = 0; segment < segmentCount; segment++)
        {
            var at = FirstAtOrAfter(ring, Mix(0x5345474D454E5400UL ^ (ulong)segment));
            while (counts.GetValueOrDefault(ring[at].Shard) >= limit)
            {
                at = (at + 1) % ring.Length;
            }

            owners[segment] = ring[at].Shard;
            counts[ring[at].Shard] = counts.GetValueOrDefault(ring[at].Shard) + 1;
        }

        return [.. owners];
    }

    private static (ulong Point, ShardId Shard)[] BuildRing(ShardId[] shards)
    {
        var ring = new (ulong Point, ShardId Shard)[shards.Length * VirtualNodes];
        for (var i = 0; i < ring.Length; i++)
        {
            var shard = shards[i / VirtualNodes];
            ring[i] = (Mix(((ulong)shard.Value << 32) | (uint)(i % VirtualNodes)), shard);
        }

        Array.Sort(ring);
        return ring;
    }

    private static int FirstAtOrAfter((ulong Point, ShardId Shard)[] ring, ulong point)
    {
        var at = Array.BinarySearch(ring, (point, default(ShardId)));
        at = at < 0 ? ~at : at;
        return at == ring.Length ? 0 : at;
    }

    /// <summary>The finaliser of SplitMix64: every input bit reaches every output bit.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15UL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
