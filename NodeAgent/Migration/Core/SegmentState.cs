namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Who serves a segment, as each group's own log decides it. Persisted, append-only, never renumber.</summary>
internal enum SegmentState : byte
{
    /// <summary>Nothing is held; the fence still is.</summary>
    Absent = 0,

    /// <summary>A copy is being received for one migration; nobody is served.</summary>
    Importing = 1,

    /// <summary>This group serves the segment.</summary>
    Owned = 2,

    /// <summary>The source of a cut-over: nobody is served until the meta group has decided.</summary>
    Frozen = 3,

    /// <summary>The former owner's copy after the commit.</summary>
    Retained = 4,
}
