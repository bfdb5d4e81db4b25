using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>A bucket in which replicas differ.</summary>
/// <param name="BucketCount">Buckets in which it is counted: the smallest number that a replica has.</param>
/// <param name="Bucket">-1: not the data differ but what the replicas say of the segment's state.</param>
/// <param name="Right">Replicas that hold what a majority of the voters holds; empty: no majority holds the same.</param>
/// <param name="Wrong">The others; all, where there is no majority.</param>
internal sealed record Difference(SegmentId Segment, int BucketCount, int Bucket, ImmutableArray<NodeId> Right, ImmutableArray<NodeId> Wrong)
{
    /// <summary>The majority's data can take the place of the others'.</summary>
    public bool IsRepairable => Bucket >= 0 && !Right.IsEmpty;
}

/// <summary>Says from the digests of all replicas, as of one index, which differ and which are wrong. Who is right is what a majority of all voters holds, never who leads.</summary>
internal static class CheckJudge
{
    /// <param name="copies">The digests of each replica that was compared; a segment that is missing is held by that replica in no way.</param>
    /// <param name="voters">All voters of the group, also those that were not compared.</param>
    public static List<Difference> Differences(IReadOnlyDictionary<NodeId, IReadOnlyDictionary<SegmentId, SegmentDigest>> copies, IReadOnlyCollection<NodeId> voters)
    {
        var differences = new List<Difference>();
        foreach (var segment in copies.Values.SelectMany(c => c.Keys).Distinct().Order())
        {
            var held = copies.ToDictionary(c => c.Key, c => c.Value.GetValueOrDefault(segment));
            if (Split(held.ToDictionary(h => h.Key, h => h.Value?.StateHash ?? UInt128.Zero), voters) is var (right, wrong))
            {
                differences.Add(new Difference(segment, 1, -1, right, wrong));
            }

            // Where the state already differs some hold no data at all; what the others hold is still compared.
            var withData = held.Where(h => h.Value is not null).ToDictionary(h => h.Key, h => h.Value!);
            var count = withData.Values.Min(d => d.BucketCount);
            for (var bucket = 0; bucket < count; bucket++)
            {
                if (Split(withData.ToDictionary(h => h.Key, h => h.Value.Sum(bucket, count)), voters) is var (equal, other))
                {
                    differences.Add(new Difference(segment, count, bucket, equal, other));
                }
            }
        }

        return differences;
    }

    private static (ImmutableArray<NodeId> Right, ImmutableArray<NodeId> Wrong)? Split<T>(Dictionary<NodeId, T> values, IReadOnlyCollection<NodeId> voters)
        where T : notnull
    {
        var kinds = values.GroupBy(v => v.Value).ToList();
        if (kinds.Count <= 1)
        {
            return null;
        }

        var majority = kinds.FirstOrDefault(k => k.Count(v => voters.Contains(v.Key)) * 2 > voters.Count);
        ImmutableArray<NodeId> right = majority is null ? [] : [.. majority.Select(v => v.Key).Order()];
        return (right, [.. values.Keys.Where(n => !right.Contains(n)).Order()]);
    }
}
