using System.Buffers;
using System.Collections.Immutable;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// A segment's replicated state without its data: written with the segment's checkpoint, in the same transaction, as of the same applied index. Persisted: fields are only
/// appended, with a new version; this version and the one before are read. The store adds the checksum.
/// </summary>
internal static class SegmentStateCodec
{
    /// <summary>Version that is written.</summary>
    public const byte Version = 1;

    public static byte[] Encode(SegmentReplica segment)
    {
        var to = new ArrayBufferWriter<byte>(96);
        to.U8(Version);
        to.U8((byte)segment.State);
        to.U64(segment.Migration);
        to.U64(segment.Epoch);
        to.U64(segment.Fence);
        to.U64(segment.Ended);
        to.U64(segment.LastIndex);
        WriteCursor(to, segment.Cursor);
        to.Flag(segment.Ready);
        to.Flag(segment.Unequal);
        to.U64(segment.VerifiedIndex);
        to.I64(segment.SourceTimeMs);
        to.Varint((ulong)segment.Ownership.Changes.Length);
        foreach (var change in segment.Ownership.Changes)
        {
            to.Varint(change.Index);
            to.Flag(change.Owned);
        }

        return to.WrittenSpan.ToArray();
    }

    /// <summary>Fills a segment. False where the bytes are malformed or of an unknown version; the segment is then to be thrown away.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> state, SegmentReplica segment)
    {
        var reader = new WireReader(state);
        if (reader.U8() != Version)
        {
            return false;
        }

        var segmentState = reader.U8();
        segment.State = (SegmentState)segmentState;
        segment.Migration = reader.U64();
        segment.Epoch = reader.U64();
        segment.Fence = reader.U64();
        segment.Ended = reader.U64();
        segment.LastIndex = Math.Max(1, reader.U64());
        segment.Cursor = ReadCursor(ref reader);
        segment.Ready = reader.Flag();
        segment.Unequal = reader.Flag();
        segment.VerifiedIndex = reader.U64();
        segment.SourceTimeMs = reader.I64();
        var changes = ImmutableArray.CreateBuilder<OwnershipChange>();
        var count = reader.Count(OwnershipHistory.MaxChanges);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            changes.Add(new OwnershipChange(reader.Varint(), reader.Flag()));
        }

        segment.Ownership = new OwnershipHistory(changes.ToImmutable());
        return !reader.Failed && reader.AtEnd && segmentState <= (byte)SegmentState.Retained && count > 0;
    }

    /// <summary>Writes a cursor, also on the wire.</summary>
    public static void WriteCursor(IBufferWriter<byte> to, ImportCursor cursor)
    {
        to.U64(cursor.Index);
        to.Varint((ulong)cursor.Next);
        to.Varint((ulong)cursor.BucketCount);
        to.Varint((ulong)cursor.Missing.Length);
        foreach (var bucket in cursor.Missing)
        {
            to.Varint((ulong)bucket);
        }
    }

    /// <summary>Reads a cursor.</summary>
    public static ImportCursor ReadCursor(ref WireReader reader)
    {
        var index = reader.U64();
        var next = reader.Count(ImportCursor.MaxBucketCount);
        var bucketCount = reader.Count(ImportCursor.MaxBucketCount);
        var missing = ImmutableArray.CreateBuilder<int>();
        var count = reader.Count(ImportCursor.MaxBucketCount);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            missing.Add(reader.Count(ImportCursor.MaxBucketCount));
        }

        return new ImportCursor(index, next, bucketCount, missing.ToImmutable());
    }
}
