using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The gates of a segment: which entry applies in which state. Each answers whether the entry applies; anything else changes nothing. Virtual so that the simulator can
/// plant a broken rule and see it found; the product uses this class.
/// </summary>
internal class SegmentRules
{
    /// <summary>The rules.</summary>
    public static readonly SegmentRules Standard = new();

    /// <summary>Command, Expire, Flush: only in Owned.</summary>
    public virtual bool Serves(SegmentReplica segment) => segment.State == SegmentState.Owned;

    /// <summary>Importing(m): only in Absent, a rollback's only in the Retained state of the migration that it undoes; only above the fence.</summary>
    public virtual bool MayImport(SegmentReplica segment, ulong migration, ulong baseMigration) =>
        migration > segment.Fence
        && (baseMigration == 0 ? segment.State == SegmentState.Absent : segment.State == SegmentState.Retained && segment.Migration == baseMigration);

    /// <summary>Freeze(m): only in Owned, only above the fence.</summary>
    public virtual bool MayFreeze(SegmentReplica segment, ulong migration) => segment.State == SegmentState.Owned && migration > segment.Fence;

    /// <summary>Activate(m, e): only in Importing(m) that is Ready.</summary>
    public virtual bool MayActivate(SegmentReplica segment, ulong migration) => Holds(segment, SegmentState.Importing, migration) && segment.Ready;

    /// <summary>Unfreeze(m): only in Frozen(m).</summary>
    public virtual bool MayUnfreeze(SegmentReplica segment, ulong migration) => Holds(segment, SegmentState.Frozen, migration);

    /// <summary>Retained(m): only in Frozen(m).</summary>
    public virtual bool MayRetain(SegmentReplica segment, ulong migration) => Holds(segment, SegmentState.Frozen, migration);

    /// <summary>Drop(state, m): only while that state and id are still held, and only of a copy that serves nobody.</summary>
    public virtual bool MayDrop(SegmentReplica segment, SegmentState state, ulong migration) =>
        state is SegmentState.Importing or SegmentState.Retained && Holds(segment, state, migration);

    /// <summary>End(m): only in Absent or Owned.</summary>
    public virtual bool MayEnd(SegmentReplica segment) => segment.State is SegmentState.Absent or SegmentState.Owned;

    /// <summary>
    /// A stream message: only in Importing(m) that is not Ready, or in Retained(m), whose stream runs back and knows no markers; and only where it fits the cursor.
    /// Null: it changes nothing.
    /// </summary>
    public virtual ImportCursor? Accept(SegmentReplica segment, ulong migration, StreamMessage message) =>
        (Holds(segment, SegmentState.Importing, migration) && !segment.Ready) || (Holds(segment, SegmentState.Retained, migration) && message is not StreamMarker)
            ? segment.Cursor.After(message)
            : null;

    /// <summary>Repair: only in Owned, and only while no entry has touched the segment since the bucket was read.</summary>
    /// <param name="lastIndex">What <see cref="SegmentReplica.LastIndex"/> was then.</param>
    public virtual bool MayRepair(SegmentReplica segment, ulong lastIndex) => Serves(segment) && segment.LastIndex == lastIndex;

    /// <summary>Whether a bucket differs from what the source names.</summary>
    public virtual bool Differs(BucketDigest held, BucketDigest named) => held != named;

    private static bool Holds(SegmentReplica segment, SegmentState state, ulong migration) => segment.State == state && segment.Migration == migration;
}
