using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>
/// An entry of a shard's log that says what one bucket holds: as the leader, which is one of the majority, read it. It applies only while nothing has touched the segment since,
/// and changes only replicas whose bucket has another digest. Persisted: fields are only appended.
/// </summary>
/// <param name="LastIndex"><see cref="SegmentReplica.LastIndex"/> when the bucket was read.</param>
/// <param name="Content">Effects, only sets.</param>
internal sealed record RepairEntry(SegmentId Segment, ulong LastIndex, int BucketCount, int Bucket, BucketDigest Digest, ReadOnlyMemory<byte> Content)
{
    /// <summary>The entry; the leader sets its time when it proposes.</summary>
    public byte[] Encode()
    {
        var body = new ArrayBufferWriter<byte>(Content.Length + 64);
        body.U64(LastIndex);
        body.Varint((ulong)BucketCount);
        body.Varint((ulong)Bucket);
        body.U64(Digest.High);
        body.U64(Digest.Low);
        body.Bytes(Content.Span);
        return ShardEntryCodec.Repair(Segment, body.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; null where it is malformed.</summary>
    public static RepairEntry? Read(ReadOnlyMemory<byte> entry)
    {
        var segment = ShardEntryCodec.Head(entry.Span).Segment;
        var body = entry[ShardEntryCodec.HeadBytes..];
        var reader = new WireReader(body.Span);
        var lastIndex = reader.U64();
        var bucketCount = reader.Count(ImportCursor.MaxBucketCount);
        var bucket = reader.Count(ImportCursor.MaxBucketCount);
        var digest = new BucketDigest(reader.U64(), reader.U64());
        var length = reader.Bytes(EffectCodec.MaxBytes).Length;
        if (reader.Failed || !reader.AtEnd || !ImportCursor.IsBucketCount(bucketCount) || bucket >= bucketCount)
        {
            return null;
        }

        var content = body.Slice(reader.Position - length, length);
        return EffectCodec.IsWellFormed(content.Span, onlySets: true) ? new RepairEntry(segment, lastIndex, bucketCount, bucket, digest, content) : null;
    }

    /// <summary>What a bucket holds now. Under the segment's lock.</summary>
    public static RepairEntry Of(SegmentReplica segment, int bucketCount, int bucket)
    {
        var content = new ArrayBufferWriter<byte>(4096);
        segment.Table!.VisitBucket(bucket, bucketCount, (ReadOnlySpan<byte> key, in StoredValue value) =>
        {
            EffectCodec.Set(content, key, value);
            return true;
        });
        return new RepairEntry(segment.Id, segment.LastIndex, bucketCount, bucket, segment.Table.Digest(bucket, bucketCount), content.WrittenMemory);
    }
}
