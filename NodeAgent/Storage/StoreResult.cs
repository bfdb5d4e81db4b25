namespace ShardConsole.NodeAgent.Storage;

/// <summary>Why the store did not do what it was asked.</summary>
internal enum StoreErrorKind
{
    /// <summary>It did.</summary>
    None,

    /// <summary>No room on the disk (or the page limit). Nothing was written; the store stays usable and the same batch may be tried again.</summary>
    Full,

    /// <summary>The operating system reported an error on reading or writing: what reached the disk is unknown. The store refuses everything from here on.</summary>
    Io,

    /// <summary>Refused, because an earlier commit ended in <see cref="Io"/> or the store is closed.</summary>
    Broken,

    /// <summary>Refused, because the log or a hard state is damaged: this node must neither vote nor acknowledge.</summary>
    Quarantined,

    /// <summary>Any other error of SQLite. Nothing was written.</summary>
    Other,
}

/// <summary>Outcome of a commit. <paramref name="Message"/> says what happened and what to do; empty on success.</summary>
internal readonly record struct StoreResult(StoreErrorKind Kind, string Message)
{
    /// <summary>Done and durable.</summary>
    public static readonly StoreResult Success = new(StoreErrorKind.None, "");

    /// <summary>True when everything was written and synced.</summary>
    public bool Succeeded => Kind == StoreErrorKind.None;
}
