using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Who serves a segment, as each group's own log decides it. Persisted, append-only, never renumber.</summary>
internal enum SegmentState : byte
{
    Absent = 0,
    Importing = 1,
    Owned = 2,
    Frozen = 3,
    Retained = 4,
}

/// <summary>
/// One segment in one replica of one shard's group. All of it is changed only by applying entries of that group's log, under the segment's lock
/// (drivers lock this object). Place-holder of the contract; the migration branch completes it.
/// </summary>
internal sealed class SegmentReplica(SegmentId id)
{
    public SegmentId Id { get; } = id;

    public SegmentState State { get; set; }

    /// <summary>The migration that the state names; 0 where it names none.</summary>
    public ulong Migration { get; set; }

    /// <summary>Map epoch of the ownership; meaningful in Owned.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The data; null while nothing is held.</summary>
    public SegmentTable? Table { get; set; }

    /// <summary>Index of the last entry whose effect (also "nothing") this replica has taken.</summary>
    public ulong AppliedIndex { get; set; }
}
