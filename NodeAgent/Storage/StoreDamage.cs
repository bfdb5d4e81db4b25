using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>What is damaged.</summary>
internal enum StoreDamageKind
{
    /// <summary>A commit in the middle of the write-ahead log.</summary>
    WriteAheadLog,

    /// <summary>The node's identity.</summary>
    Identity,

    /// <summary>SQLite's own structure.</summary>
    Structure,

    HardState,

    /// <summary>A row of a Raft log, or one that is missing.</summary>
    Log,

    SnapshotMark,

    GroupRecord,

    /// <summary>A segment's checkpoint: can be fetched again from another replica.</summary>
    Checkpoint,
}

/// <summary>One damaged thing. <paramref name="Group"/> and <paramref name="Segment"/> where they apply.</summary>
internal sealed record StoreDamage(StoreDamageKind Kind, GroupId? Group, SegmentId? Segment, string Message)
{
    /// <summary>True when the store must be quarantined: it may have forgotten a vote or an acknowledged entry. False: the checkpoint is fetched again.</summary>
    public bool Quarantines => Kind != StoreDamageKind.Checkpoint;
}
