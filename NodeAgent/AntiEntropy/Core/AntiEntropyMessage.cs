using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>A message of the comparison of replicas, as JSON in a frame of its own kind. It may come late, twice or never. Kinds and fields are only added.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CheckProbe), "probe")]
[JsonDerivedType(typeof(CheckReady), "ready")]
[JsonDerivedType(typeof(AskRoot), "askRoot")]
[JsonDerivedType(typeof(RootAnswer), "root")]
[JsonDerivedType(typeof(AskLeaves), "askLeaves")]
[JsonDerivedType(typeof(LeavesAnswer), "leaves")]
[JsonDerivedType(typeof(AskBuckets), "askBuckets")]
[JsonDerivedType(typeof(BucketsAnswer), "buckets")]
[JsonDerivedType(typeof(NotCaptured), "notCaptured")]
[JsonDerivedType(typeof(TakeOver), "takeOver")]
[JsonDerivedType(typeof(SuspectCopy), "suspect")]
[JsonDerivedType(typeof(AskOwners), "askOwners")]
[JsonDerivedType(typeof(OwnersAnswer), "owners")]
internal abstract record AntiEntropyMessage(GroupId Group)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null where the bytes are no message of this version.</summary>
    public static AntiEntropyMessage? Decode(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<AntiEntropyMessage>(data, Json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>The leader to a replica: are you there, and do you know checks? A version that does not, does not answer, and then no entry of a check is written.</summary>
internal sealed record CheckProbe(GroupId Group, ulong Term) : AntiEntropyMessage(Group);

/// <summary>The replica is there and reads the entries of checks and repairs.</summary>
internal sealed record CheckReady(GroupId Group, ulong Term) : AntiEntropyMessage(Group);

/// <summary>What is the root of your tree at the check of this index?</summary>
internal sealed record AskRoot(GroupId Group, ulong Index) : AntiEntropyMessage(Group);

/// <summary>The root, 16 bytes.</summary>
internal sealed record RootAnswer(GroupId Group, ulong Index, byte[] Root) : AntiEntropyMessage(Group);

/// <summary>The roots differ: what are your leaves?</summary>
internal sealed record AskLeaves(GroupId Group, ulong Index) : AntiEntropyMessage(Group);

/// <summary>As <see cref="DigestPicture.Leaves"/> writes them.</summary>
internal sealed record LeavesAnswer(GroupId Group, ulong Index, byte[] Leaves) : AntiEntropyMessage(Group);

/// <summary>These leaves differ: what are the buckets of these segments?</summary>
internal sealed record AskBuckets(GroupId Group, ulong Index, ImmutableArray<SegmentId> Segments) : AntiEntropyMessage(Group);

/// <summary>Digests of the segments that were asked for.</summary>
internal sealed record BucketsAnswer(GroupId Group, ulong Index, ImmutableArray<SegmentBuckets> Segments) : AntiEntropyMessage(Group);

/// <summary>The replica is past that index and has no picture of it: it was started later, or a snapshot took it there.</summary>
internal sealed record NotCaptured(GroupId Group, ulong Index) : AntiEntropyMessage(Group);

/// <summary>A leader whose own copy differs from the majority's to the replica to which it hands over: compare again as soon as you lead, and repair mine.</summary>
internal sealed record TakeOver(GroupId Group) : AntiEntropyMessage(Group);

/// <summary>A replica to the leader: bytes of my copy are not those that were written. Compare.</summary>
internal sealed record SuspectCopy(GroupId Group) : AntiEntropyMessage(Group);

/// <summary>A shard's leader to M's leader: whose are these segments, and are these migrations open? Answered after a read-index that is later than the question.</summary>
internal sealed record AskOwners(GroupId Group, ulong Term, ulong Question, ImmutableArray<HeldSegment> Held) : AntiEntropyMessage(Group);

/// <summary>The answer, one row for each that was asked for.</summary>
internal sealed record OwnersAnswer(GroupId Group, ulong Term, ulong Question, ImmutableArray<OwnerRow> Rows) : AntiEntropyMessage(Group);

/// <summary>A segment that a group holds.</summary>
/// <param name="Migration">That its state names; 0 where it is Owned.</param>
internal readonly record struct HeldSegment(SegmentId Segment, SegmentState State, ulong Migration);

/// <summary>What M's state says of a held segment.</summary>
/// <param name="Owner">As of the map.</param>
/// <param name="IsOpen">Some record that has not ended is about this segment and names the group, or is the migration that was asked for.</param>
internal readonly record struct OwnerRow(HeldSegment Held, ShardId Owner, bool IsOpen);

/// <summary>The digests of one segment, on the wire.</summary>
/// <param name="StateHash">16 bytes.</param>
/// <param name="Digests">16 bytes for each bucket.</param>
internal sealed record SegmentBuckets(SegmentId Segment, SegmentState State, byte[] StateHash, long Keys, byte[] Digests)
{
    public static SegmentBuckets Of(SegmentDigest segment)
    {
        var digests = new byte[16 * segment.BucketCount];
        for (var i = 0; i < segment.BucketCount; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(digests.AsSpan(16 * i), segment.Buckets[i].High);
            BinaryPrimitives.WriteUInt64BigEndian(digests.AsSpan((16 * i) + 8), segment.Buckets[i].Low);
        }

        return new SegmentBuckets(segment.Segment, segment.State, Hash128.Bytes(segment.StateHash), segment.Keys, digests);
    }

    /// <summary>Null where it is malformed.</summary>
    public SegmentDigest? Read()
    {
        var count = Digests.Length / 16;
        if (StateHash.Length != 16 || Digests.Length % 16 != 0 || !BitOperations.IsPow2(count) || count > SegmentTable.MaxBucketCount)
        {
            return null;
        }

        var buckets = ImmutableArray.CreateBuilder<BucketDigest>(count);
        for (var i = 0; i < count; i++)
        {
            buckets.Add(new BucketDigest(BinaryPrimitives.ReadUInt64BigEndian(Digests.AsSpan(16 * i)), BinaryPrimitives.ReadUInt64BigEndian(Digests.AsSpan((16 * i) + 8))));
        }

        return new SegmentDigest(Segment, State, Hash128.Read(StateHash), Keys, buckets.MoveToImmutable());
    }
}

/// <summary>128 bits as 16 bytes.</summary>
internal static class Hash128
{
    public static byte[] Bytes(UInt128 value)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>0 where there are not 16 bytes.</summary>
    public static UInt128 Read(ReadOnlySpan<byte> bytes) => bytes.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : UInt128.Zero;
}
