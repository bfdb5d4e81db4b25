namespace ShardConsole.NodeAgent.Storage;

/// <summary>Kind of a stored value. Persisted, append-only, never renumber; at most 15.</summary>
internal enum ValueKind : byte
{
    String = 1,
    Hash = 2,
    List = 3,
    Set = 4,
    SortedSet = 5,
}

/// <summary>One key's value inside a table; valid until the table is next changed, under the segment's lock.</summary>
internal readonly ref struct StoredValue(ValueKind kind, ReadOnlySpan<byte> bytes, long expiresAtMs)
{
    public ValueKind Kind { get; } = kind;
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Absolute Unix milliseconds; 0 where the key does not expire.</summary>
    public long ExpiresAtMs { get; } = expiresAtMs;
}

/// <summary>Called for each key of a walk; false ends the walk. It must not change the table.</summary>
internal delegate bool KeyVisitor(ReadOnlySpan<byte> key, in StoredValue value);
