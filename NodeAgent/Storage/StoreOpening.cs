using System.Diagnostics.CodeAnalysis;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Why a store could not be opened.</summary>
internal enum StoreOpenError
{
    /// <summary>It was opened.</summary>
    None,

    /// <summary>An option is wrong.</summary>
    Options,

    /// <summary>Another process holds it.</summary>
    Locked,

    /// <summary>The file is no store of this product.</summary>
    Foreign,

    /// <summary>The store was written by a version that this one cannot read.</summary>
    Format,

    /// <summary>The write-ahead log or the identity is damaged: the node must be replaced.</summary>
    Damaged,

    /// <summary>The file or folder cannot be read or written.</summary>
    Io,
}

/// <summary>Outcome of opening: the store, or an error with one sentence for people (names the file, what is wrong and what to do).</summary>
internal sealed record StoreOpening(NodeStore? Store, StoreOpenError Error, string Message)
{
    /// <summary>True when there is a store.</summary>
    [MemberNotNullWhen(true, nameof(Store))]
    public bool Succeeded => Store is not null;
}
