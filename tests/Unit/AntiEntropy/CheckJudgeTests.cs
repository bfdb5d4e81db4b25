using System.Collections.Immutable;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.AntiEntropy;

/// <summary>Who is right is what a majority of all voters holds.</summary>
public sealed class CheckJudgeTests
{
    private static readonly SegmentId Segment = new(3);
    private static readonly NodeId[] Three = [new(1), new(2), new(3)];

    [Fact]
    public void Equal_copies_differ_in_nothing() => Assert.Empty(Judge(Three, Copy(5, 6), Copy(5, 6), Copy(5, 6)));

    [Fact]
    public void One_that_differs_from_two_is_wrong_whoever_it_is()
    {
        var difference = Assert.Single(Judge(Three, Copy(5, 7), Copy(5, 6), Copy(5, 6)));

        Assert.Equal((1, 2, true), (difference.Bucket, difference.BucketCount, difference.IsRepairable));
        Assert.Equal([new NodeId(1)], difference.Wrong);
        Assert.Equal([new NodeId(2), new NodeId(3)], difference.Right);
    }

    [Fact]
    public void Three_that_all_differ_have_no_majority()
    {
        var difference = Assert.Single(Judge(Three, Copy(1), Copy(2), Copy(3)));

        Assert.False(difference.IsRepairable);
        Assert.Equal(Three, difference.Wrong);
    }

    [Fact]
    public void Two_of_three_voters_that_differ_have_no_majority_while_the_third_is_silent() =>
        Assert.False(Assert.Single(Judge(Three, Copy(1), Copy(2))).IsRepairable);

    [Fact]
    public void A_learner_is_repaired_but_has_no_vote()
    {
        var voters = new[] { new NodeId(1), new NodeId(2) };
        Assert.Equal([new NodeId(3)], Assert.Single(Judge(voters, Copy(1), Copy(1), Copy(2))).Wrong);
        Assert.False(Assert.Single(Judge(voters, Copy(1), Copy(2), Copy(2))).IsRepairable);
    }

    [Fact]
    public void Copies_with_different_bucket_counts_are_compared_at_the_smallest()
    {
        Assert.Empty(Judge(Three, Copy(11), Copy(5, 6), Copy(1, 4, 2, 4)));
        var difference = Assert.Single(Judge(Three, Copy(5, 6), Copy(5, 6), Copy(1, 4, 2, 5)));

        Assert.Equal((1, 2), (difference.Bucket, difference.BucketCount));
    }

    [Fact]
    public void States_that_differ_are_told_apart_from_data_and_cannot_be_repaired()
    {
        var differences = Judge(Three, Copy(5), Copy(5), Copy(5) with { StateHash = 9 });

        var difference = Assert.Single(differences);
        Assert.Equal((-1, false), (difference.Bucket, difference.IsRepairable));
        Assert.Equal([new NodeId(3)], difference.Wrong);
    }

    private static List<Difference> Judge(NodeId[] voters, params SegmentDigest[] copies) => CheckJudge.Differences(
        copies.Select((c, i) => (Node: new NodeId((ulong)i + 1), Copy: (IReadOnlyDictionary<SegmentId, SegmentDigest>)new Dictionary<SegmentId, SegmentDigest> { [Segment] = c }))
            .ToDictionary(c => c.Node, c => c.Copy),
        voters);

    private static SegmentDigest Copy(params ulong[] buckets) =>
        new(Segment, SegmentState.Owned, 1, 1, [.. buckets.Select(b => new BucketDigest(0, b)).ToImmutableArray()]);
}
