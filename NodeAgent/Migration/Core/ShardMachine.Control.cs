using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Entries of migrations: each applies only in exactly the state and id that it names, anything else changes nothing.</summary>
internal sealed partial class ShardMachine
{
    private ApplyResult ApplyControl(SegmentReplica segment, in Entry entry, in ShardEntryHead head)
    {
        var (migration, second) = ShardEntryCodec.Control(entry.Data.Span);
        var before = segment.State;
        var applied = head.Kind switch
        {
            ShardEntryKind.Importing => Import(segment, migration, second),
            ShardEntryKind.Activate => Activate(segment, migration, second, entry.Index),
            ShardEntryKind.Freeze => Freeze(segment, migration, entry.Index),
            ShardEntryKind.Unfreeze => Unfreeze(segment, migration),
            ShardEntryKind.Retained => Retain(segment, migration),
            ShardEntryKind.Drop => Drop(segment, (SegmentState)second, migration),
            ShardEntryKind.End => End(segment, migration),
            _ => throw new InvalidDataException($"Entry {entry.Index} of {Shard} is of the unknown kind {(byte)head.Kind}: a newer version wrote it, or the log is damaged."),
        };
        owned = segment.State == before ? owned : null;
        segment.Ownership = segment.Ownership.With(entry.Index, segment.State == SegmentState.Owned);
        return new ApplyResult(applied ? ApplyOutcome.Applied : ApplyOutcome.Nothing, head.Kind, segment.Id, segment.State != before);
    }

    private bool Import(SegmentReplica segment, ulong migration, ulong baseMigration)
    {
        if (!rules.MayImport(segment, migration, baseMigration))
        {
            return false;
        }

        if (segment.State == SegmentState.Absent)
        {
            segment.Table = newTable();
            segment.Cursor = ImportCursor.None;
        }

        segment.State = SegmentState.Importing;
        segment.DecidedOwner = default;
        segment.Migration = migration;
        segment.Fence = migration;
        segment.Ready = false;
        segment.Unequal = false;
        segment.VerifiedIndex = 0;
        segment.SourceTimeMs = 0;
        return true;
    }

    private bool Activate(SegmentReplica segment, ulong migration, ulong epoch, ulong index)
    {
        if (!rules.MayActivate(segment, migration))
        {
            return false;
        }

        GroupTimeMs = Math.Max(GroupTimeMs, segment.SourceTimeMs);
        segment.State = SegmentState.Owned;
        segment.Migration = 0;
        segment.Epoch = epoch;
        segment.DecidedOwner = default;
        segment.LastIndex = index;
        ForgetStream(segment);
        return true;
    }

    private bool Freeze(SegmentReplica segment, ulong migration, ulong index)
    {
        if (!rules.MayFreeze(segment, migration))
        {
            return false;
        }

        segment.State = SegmentState.Frozen;
        segment.Migration = migration;
        segment.Fence = migration;

        // The freeze index is a place in the stream of its own, with no effect.
        Written(segment, index);
        return true;
    }

    private bool Unfreeze(SegmentReplica segment, ulong migration)
    {
        if (!rules.MayUnfreeze(segment, migration))
        {
            return false;
        }

        segment.State = SegmentState.Owned;
        segment.Migration = 0;
        return true;
    }

    private bool Retain(SegmentReplica segment, ulong migration)
    {
        if (!rules.MayRetain(segment, migration))
        {
            return false;
        }

        segment.State = SegmentState.Retained;
        ForgetStream(segment);

        // All buckets are here; where in the new owner's log they stand, the first message of the stream back says: a restart with its digests. Counted as one bucket:
        // into how many this replica's own table is split depends on what it lived through, and the cursor is the same on all.
        segment.Cursor = new ImportCursor(0, 1, 1, []);
        return true;
    }

    private bool Drop(SegmentReplica segment, SegmentState state, ulong migration)
    {
        if (!rules.MayDrop(segment, state, migration))
        {
            return false;
        }

        segment.State = SegmentState.Absent;
        segment.Migration = 0;
        segment.Table?.Dispose();
        segment.Table = null;
        segment.Outgoing = null;
        segment.DecidedOwner = default;
        ForgetStream(segment);
        return true;
    }

    private bool End(SegmentReplica segment, ulong migration)
    {
        if (!rules.MayEnd(segment))
        {
            return false;
        }

        segment.Fence = Math.Max(segment.Fence, migration);
        segment.Ended = Math.Max(segment.Ended, migration);
        return true;
    }

    private static void ForgetStream(SegmentReplica segment)
    {
        segment.Cursor = ImportCursor.None;
        segment.Ready = false;
        segment.Unequal = false;
        segment.VerifiedIndex = 0;
        segment.SourceTimeMs = 0;
    }

    private ApplyResult ApplyStream(SegmentReplica segment, in Entry entry)
    {
        var body = entry.Data[ShardEntryCodec.HeadBytes..];
        var reader = new WireReader(body.Span);
        var migration = reader.U64();
        var message = reader.Failed ? null : StreamMessageCodec.Read(body[reader.Position..]);
        if (message is null)
        {
            throw new InvalidDataException($"Entry {entry.Index} of {Shard} holds a malformed stream message: it was checked before it was proposed, so the log is damaged.");
        }

        var cursor = rules.Accept(segment, migration, message);
        if (cursor is null)
        {
            return new ApplyResult(ApplyOutcome.Nothing, ShardEntryKind.StreamApply, segment.Id, false);
        }

        Take(segment, cursor, message);
        segment.SourceTimeMs = Math.Max(segment.SourceTimeMs, message.TimeMs);
        return new ApplyResult(ApplyOutcome.Applied, ShardEntryKind.StreamApply, segment.Id, segment.Ready || segment.Unequal);
    }

    private void Take(SegmentReplica segment, ImportCursor cursor, StreamMessage message)
    {
        var table = segment.Table!;
        segment.Cursor = cursor;
        switch (message)
        {
            case StreamEffects effects:
                EffectCodec.Apply(effects.Effects.Span, table, cursor);
                break;

            case StreamChunk chunk:
                table.ClearBucket(chunk.Bucket, cursor.BucketCount);
                EffectCodec.Apply(chunk.Content.Span, table, cursor);
                break;

            case StreamRestart restart:
                segment.Cursor = cursor with { Missing = [.. Differing(table, restart.BucketCount, cursor.Next, restart.Digests)] };
                break;

            case StreamMarker marker:
                segment.Cursor = cursor with { Missing = [.. Differing(table, marker.BucketCount, marker.BucketCount, marker.Digests)] };
                segment.VerifiedIndex = segment.Cursor.IsComplete ? marker.Index : segment.VerifiedIndex;
                segment.Ready = marker.Final && segment.Cursor.IsComplete;
                segment.Unequal |= marker.Final && !segment.Ready;
                break;
        }
    }

    private IEnumerable<int> Differing(SegmentTable table, int bucketCount, int received, IReadOnlyList<BucketDigest> digests) =>
        Enumerable.Range(0, received).Where(b => rules.Differs(table.Digest(b, bucketCount), digests[b]));
}
