using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// One segment in one replica of one shard's group. All of it is changed only by applying entries of that group's log, under the segment's lock (drivers have
/// one for each). Everything but the last group of members is replicated state: the same on every replica at the same applied index, and written with the segment's checkpoint.
/// </summary>
internal sealed class SegmentReplica(SegmentId id)
{
    public SegmentId Id { get; } = id;

    public SegmentState State { get; set; }

    /// <summary>The migration that the state names; 0 in Absent and Owned.</summary>
    public ulong Migration { get; set; }

    /// <summary>Map epoch of the ownership; meaningful in Owned.</summary>
    public ulong Epoch { get; set; }

    /// <summary>Highest migration that this group has entered or whose end it has recorded: it never enters one at or below it.</summary>
    public ulong Fence { get; set; }

    /// <summary>Highest migration whose end is recorded here. Invariant: Ended &lt;= Fence.</summary>
    public ulong Ended { get; set; }

    /// <summary>
    /// Index of the last entry that touched the data while the segment was served here, or of Freeze or Activate: where an outgoing stream stands. A segment that nothing
    /// has touched stands at the group's first entry, its first leader's empty one: 0 would say "nowhere".
    /// </summary>
    public ulong LastIndex { get; set; } = 1;

    /// <summary>Position in the incoming stream; meaningful in Importing.</summary>
    public ImportCursor Cursor { get; set; } = ImportCursor.None;

    /// <summary>The last marker was applied at the source's freeze index with all buckets and equal digests: nothing more is accepted.</summary>
    public bool Ready { get; set; }

    /// <summary>The last marker at the source's freeze index found a difference: the migration is to be aborted.</summary>
    public bool Unequal { get; set; }

    /// <summary>Index of the newest marker (of the source's log) at which all digests were equal; 0 where there was none.</summary>
    public ulong VerifiedIndex { get; set; }

    /// <summary>Highest group time of the source that came with the stream.</summary>
    public long SourceTimeMs { get; set; }

    /// <summary>When the segment was Owned here, so that an entry over several segments is replayed as it was decided.</summary>
    public OwnershipHistory Ownership { get; set; } = OwnershipHistory.Never;

    /// <summary>The data; null in Absent, never null in another state.</summary>
    public SegmentTable? Table { get; set; }

    /// <summary>Index of the last entry whose effect (also "nothing") this replica has taken; an entry at or below it is skipped when the log is replayed.</summary>
    public ulong AppliedIndex { get; set; }

    /// <summary>First index that touched the segment after its last checkpoint; 0 when there was none. The log must be kept from there on. Of this replica only.</summary>
    public ulong DirtySince { get; set; }

    /// <summary>Bytes of the entries that touched the segment since its last checkpoint. Of this replica only.</summary>
    public long LogBytes { get; set; }

    /// <summary>
    /// The shard that M's committed record gave the segment to, noted by this group's leader as soon as it knows: the former owner sends its clients there, the new one
    /// lets them wait for its Activate. The absent shard while nothing is known. Of this replica only.
    /// </summary>
    public ShardId DecidedOwner { get; set; }

    /// <summary>Where the effects of applied entries are kept for an outgoing stream; null while there is none. Of this replica only.</summary>
    public EffectLog? Outgoing { get; set; }
}
