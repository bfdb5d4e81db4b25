using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Entries that say what a bucket holds.</summary>
internal sealed partial class ShardMachine
{
    /// <summary>Buckets of this replica that held something else than the majority's and were repaired. Of this replica only.</summary>
    public long RepairedBuckets { get; private set; }

    /// <summary>
    /// The gate looks only at what is replicated, so that every replica decides the same: the segment is served here and no entry has touched it since the bucket was read. Which replica
    /// is changed is then a matter of its own digest.
    /// </summary>
    private ApplyResult ApplyRepair(SegmentReplica segment, in Entry entry)
    {
        var repair = RepairEntry.Read(entry.Data)
            ?? throw new InvalidDataException($"Entry {entry.Index} of {Shard} holds a malformed repair: it was written whole, so the log is damaged.");
        if (!rules.MayRepair(segment, repair.LastIndex))
        {
            return new ApplyResult(ApplyOutcome.Nothing, ShardEntryKind.Repair, segment.Id, false);
        }

        var table = segment.Table!;
        if (table.Digest(repair.Bucket, repair.BucketCount) != repair.Digest)
        {
            table.ClearBucket(repair.Bucket, repair.BucketCount);
            EffectCodec.Apply(repair.Content.Span, table, new ImportCursor(0, repair.BucketCount, repair.BucketCount, []));
            RepairedBuckets++;
        }

        return new ApplyResult(ApplyOutcome.Applied, ShardEntryKind.Repair, segment.Id, false);
    }
}
