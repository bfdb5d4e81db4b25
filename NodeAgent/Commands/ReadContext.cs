using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// What a reading command sees: one segment's table at one moment. An expired key is absent, and is remembered, so that its deletion can be proposed.
/// Used again for every read of a connection; not safe for concurrent use.
/// </summary>
internal sealed class ReadContext(TimeProvider clock)
{
    private SegmentTable? table;
    private long groupTimeMs;
    private long nowMs;

    /// <summary>Keys that were met expired, each as often as it was met.</summary>
    public List<byte[]> Expired { get; } = [];

    /// <summary>Null, or what the command's second half needs. Disposed, if it can be, when the read is over, whether or not it was good.</summary>
    public object? Carried { get; set; }

    /// <summary>Timestamp of the moment at which the lease was looked at, after the value was taken.</summary>
    public long CheckedAt { get; private set; }

    /// <summary>Reads the clock for the look at the lease.</summary>
    public long Check() => CheckedAt = clock.GetTimestamp();

    /// <summary>Keys found and not found since the last <see cref="Begin"/>.</summary>
    public int Hits { get; private set; }

    /// <inheritdoc cref="Hits"/>
    public int Misses { get; private set; }

    /// <summary>The leader's time, Unix milliseconds: the clock, but never before the group's time. Asked once per read, and only if somebody wants to know.</summary>
    public long NowMs => nowMs != 0 ? nowMs : nowMs = Math.Max(groupTimeMs, clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <param name="table">The segment's data; null while it holds none.</param>
    /// <param name="groupTimeMs">The latest time that the group has seen, Unix milliseconds.</param>
    public void Begin(SegmentTable? table, long groupTimeMs)
    {
        this.table = table;
        this.groupTimeMs = groupTimeMs;
        nowMs = 0;
        Carried = null;
        Hits = Misses = 0;
        if (Expired.Count > 0)
        {
            Expired.Clear();
        }
    }

    /// <summary>The value of a key; false where it is absent or expired. Counts as a look at the key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out StoredValue value)
    {
        if (TryPeek(key, out value))
        {
            Hits++;
            return true;
        }

        Misses++;
        return false;
    }

    /// <summary>As <see cref="TryGet"/>, and does not count.</summary>
    public bool TryPeek(ReadOnlySpan<byte> key, out StoredValue value)
    {
        if (table is null || !table.TryGet(key, out value))
        {
            value = default;
            return false;
        }

        if (value.ExpiresAtMs == 0 || value.ExpiresAtMs > NowMs)
        {
            return true;
        }

        Expired.Add(key.ToArray());
        value = default;
        return false;
    }
}
