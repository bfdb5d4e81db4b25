using System.Buffers;
using System.Collections.Immutable;
using System.IO.Hashing;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>The digests of one segment in one replica at one applied index.</summary>
/// <param name="StateHash">Of everything replicated but the data: ownership, fence, cursor.</param>
/// <param name="Buckets">One for each of the table's buckets; a single zero where no data are held.</param>
internal sealed record SegmentDigest(SegmentId Segment, SegmentState State, UInt128 StateHash, long Keys, ImmutableArray<BucketDigest> Buckets)
{
    /// <summary>A power of two; replicas may differ in it.</summary>
    public int BucketCount => Buckets.Length;

    /// <summary>The leaf of the tree: the same on two replicas exactly where state and data are the same, whatever their bucket counts.</summary>
    public UInt128 Leaf
    {
        get
        {
            var sum = Sum(0, 1);
            var bytes = new ArrayBufferWriter<byte>(48);
            bytes.U64((ulong)(StateHash >> 64));
            bytes.U64((ulong)StateHash);
            bytes.U64(sum.High);
            bytes.U64(sum.Low);
            bytes.I64(Keys);
            return XxHash128.HashToUInt128(bytes.WrittenSpan);
        }
    }

    /// <summary>The digest of one bucket under a smaller bucket count.</summary>
    public BucketDigest Sum(int bucket, int bucketCount)
    {
        var times = BucketCount / bucketCount;
        BucketDigest sum = default;
        for (var i = 0; i < times; i++)
        {
            sum += Buckets[(bucket * times) + i];
        }

        return sum;
    }
}

/// <summary>The Merkle tree of a replica at one applied index: root, a leaf per segment, and under each its buckets. Made of digests that are kept; no key is read.</summary>
internal sealed class DigestPicture
{
    private readonly Lazy<UInt128> root;

    /// <param name="index">Index of the group's log as of which it is.</param>
    /// <param name="segments">Ascending; those that hold something or ever entered a migration.</param>
    public DigestPicture(ulong index, ImmutableArray<SegmentDigest> segments)
    {
        (Index, Segments) = (index, segments);
        root = new Lazy<UInt128>(() => XxHash128.HashToUInt128(Leaves()));
    }

    public ulong Index { get; }

    public ImmutableArray<SegmentDigest> Segments { get; }

    /// <summary>Equal roots: equal replicas.</summary>
    public UInt128 Root => root.Value;

    /// <summary>Keys held, expired ones included.</summary>
    public long Keys => Segments.Sum(s => s.Keys);

    /// <summary>Buckets whose digests it is made of.</summary>
    public long Buckets => Segments.Sum(s => (long)s.BucketCount);

    /// <summary>
    /// The replica as it is now, or null where a segment stands at a later index: it was recovered from a later checkpoint, and what it was at this index is not known.
    /// Where the replica applies, between two entries.
    /// </summary>
    public static DigestPicture? Of(ShardMachine machine)
    {
        var index = machine.AppliedIndex;
        var segments = ImmutableArray.CreateBuilder<SegmentDigest>();
        foreach (var segment in machine.Segments)
        {
            if (segment.AppliedIndex > index)
            {
                return null;
            }

            if (segment.State != SegmentState.Absent || segment.Fence != 0)
            {
                segments.Add(Of(segment));
            }
        }

        return new DigestPicture(index, segments.ToImmutable());
    }

    /// <summary>The leaves one behind the other: segment (2 bytes), leaf (16).</summary>
    public byte[] Leaves()
    {
        var bytes = new ArrayBufferWriter<byte>(18 * (Segments.Length + 1));
        foreach (var segment in Segments)
        {
            var leaf = segment.Leaf;
            bytes.U16(segment.Segment.Value);
            bytes.U64((ulong)(leaf >> 64));
            bytes.U64((ulong)leaf);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static SegmentDigest Of(SegmentReplica segment)
    {
        var count = segment.Table?.BucketCount ?? 1;
        var buckets = ImmutableArray.CreateBuilder<BucketDigest>(count);
        for (var bucket = 0; bucket < count; bucket++)
        {
            buckets.Add(segment.Table?.Digest(bucket, count) ?? default);
        }

        return new SegmentDigest(
            segment.Id, segment.State, XxHash128.HashToUInt128(SegmentStateCodec.Encode(segment)), segment.Table?.Count ?? 0, buckets.MoveToImmutable());
    }
}
