using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>What a writing command changes: one segment's table at the group's time of its entry.</summary>
internal readonly ref struct WriteContext(SegmentTable table, long nowMs)
{
    public SegmentTable Table { get; } = table;

    /// <summary>The group's time, Unix milliseconds; the same on every replica.</summary>
    public long NowMs { get; } = nowMs;

    /// <summary>The value of a key; false where it is absent. An expired key is removed first: what a write meets expired is gone for good.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out StoredValue value)
    {
        if (!Table.TryGet(key, out value))
        {
            return false;
        }

        if (value.ExpiresAtMs == 0 || value.ExpiresAtMs > NowMs)
        {
            return true;
        }

        Table.Remove(key);
        value = default;
        return false;
    }

    /// <summary>Whether the key is there.</summary>
    public bool Has(ReadOnlySpan<byte> key) => TryGet(key, out _);
}
