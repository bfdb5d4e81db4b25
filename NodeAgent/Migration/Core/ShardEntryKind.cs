namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What an entry of a shard group's log does. Persisted, append-only, never renumber.</summary>
internal enum ShardEntryKind : byte
{
    /// <summary>A client's write; only in Owned.</summary>
    Command = 1,

    /// <summary>Deletes a key that has expired by the entry's time; only in Owned.</summary>
    Expire = 2,

    /// <summary>Clears several segments, or changes nothing where one of them is not Owned.</summary>
    Flush = 3,

    /// <summary>Importing(m): the target begins to receive.</summary>
    Importing = 4,

    /// <summary>Activate(m, e): the target serves.</summary>
    Activate = 5,

    /// <summary>Freeze(m): the source stops serving.</summary>
    Freeze = 6,

    /// <summary>Unfreeze(m), quoting Abort(m): the source serves again.</summary>
    Unfreeze = 7,

    /// <summary>Retained(m), quoting Commit(m): the source no longer owns its copy.</summary>
    Retained = 8,

    /// <summary>Drop(segment, state, id): the copy goes, where that state and id are still held.</summary>
    Drop = 9,

    /// <summary>End(m): the group records that m has ended.</summary>
    End = 10,

    /// <summary>A message of m's stream at the target.</summary>
    StreamApply = 11,

    /// <summary>Check(term, number): the index at which the replicas are compared. Names no segment and changes nothing.</summary>
    Check = 12,

    /// <summary>What one bucket holds; only in Owned, and only while nothing has touched the segment since it was read.</summary>
    Repair = 13,
}
