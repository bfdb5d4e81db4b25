namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What the core reads of its own stable log (written by the driver before Advance). Called from the thread that steps the core.</summary>
internal interface ILogReader
{
    /// <summary>As persisted when the core is constructed.</summary>
    HardState InitialHardState { get; }

    /// <summary>Configuration as of the applied index with which the core is constructed.</summary>
    ConfigurationState InitialConfiguration { get; }

    /// <summary>First index that can be read; LastIndex + 1 in an empty log.</summary>
    ulong FirstIndex { get; }

    /// <summary>Last index that is stable; the snapshot's index in an empty log.</summary>
    ulong LastIndex { get; }

    /// <summary>Term of index; FirstIndex - 1 is answered too. Null: compacted or beyond the end.</summary>
    ulong? TermOf(ulong index);

    /// <summary>Entries [from, to), at least one where there is one, at most maxBytes of data. Needs FirstIndex &lt;= from. The list never changes afterwards.</summary>
    IReadOnlyList<Entry> Read(ulong from, ulong to, long maxBytes);

    /// <summary>Where a lagging follower would have to start: the newest snapshot mark, Index >= FirstIndex - 1.</summary>
    SnapshotMark Snapshot { get; }
}
