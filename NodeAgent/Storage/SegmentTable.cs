namespace ShardConsole.NodeAgent.Storage;

/// <summary>Kind of a stored value. Persisted, append-only, never renumber.</summary>
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

/// <summary>Sees every physical change of a table, as it was made. Spans are valid during the call.</summary>
internal interface ITableObserver
{
    void OnSet(ReadOnlySpan<byte> key, in StoredValue value);
    void OnRemove(ReadOnlySpan<byte> key);
    void OnClear();
}

/// <summary>Called for each key of a walk; false ends the walk.</summary>
internal delegate bool KeyVisitor(ReadOnlySpan<byte> key, in StoredValue value);

/// <summary>128 bits that add up: the digest of a set of keys is the sum of the digests of its keys.</summary>
internal readonly record struct BucketDigest(ulong High, ulong Low);

/// <summary>
/// The keys of one segment in one replica. Place-holder in managed memory with the contract of the real one (the storage branch replaces the inside):
/// never locks, the caller holds the segment's lock; expiry is data here, never acted on.
/// </summary>
internal sealed class SegmentTable : IDisposable
{
    private readonly SortedDictionary<byte[], (ValueKind Kind, byte[] Bytes, long ExpiresAtMs)> map =
        new(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));

    /// <summary>Null, or sees every change.</summary>
    public ITableObserver? Observer { get; set; }

    /// <summary>Keys held, expired ones included.</summary>
    public long Count => map.Count;

    /// <summary>Bytes of keys and values.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Keys that have an expiry.</summary>
    public long ExpiringCount => map.Count(e => e.Value.ExpiresAtMs != 0);

    /// <summary>Number of buckets, a power of two; doubles as the table grows, deterministic in the table's content history only through Split (see storage branch).</summary>
    public int BucketCount => 1;

    public bool TryGet(ReadOnlySpan<byte> key, out StoredValue value)
    {
        var found = map.TryGetValue(key.ToArray(), out var v);
        value = found ? new StoredValue(v.Kind, v.Bytes, v.ExpiresAtMs) : default;
        return found;
    }

    public void Set(ReadOnlySpan<byte> key, ValueKind kind, ReadOnlySpan<byte> value, long expiresAtMs)
    {
        var k = key.ToArray();
        if (map.TryGetValue(k, out var old))
        {
            DataBytes -= k.Length + old.Bytes.Length;
        }

        map[k] = (kind, value.ToArray(), expiresAtMs);
        DataBytes += k.Length + value.Length;
        Observer?.OnSet(key, new StoredValue(kind, value, expiresAtMs));
    }

    /// <summary>Changes only the expiry (0: none). False when the key is not there.</summary>
    public bool SetExpiry(ReadOnlySpan<byte> key, long expiresAtMs)
    {
        var k = key.ToArray();
        if (!map.TryGetValue(k, out var v))
        {
            return false;
        }

        map[k] = (v.Kind, v.Bytes, expiresAtMs);
        Observer?.OnSet(key, new StoredValue(v.Kind, v.Bytes, expiresAtMs));
        return true;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (!map.Remove(key.ToArray(), out var old))
        {
            return false;
        }

        DataBytes -= key.Length + old.Bytes.Length;
        Observer?.OnRemove(key);
        return true;
    }

    public void Clear()
    {
        map.Clear();
        DataBytes = 0;
        Observer?.OnClear();
    }

    /// <summary>Walks on from a cursor (0 begins) over at least count keys; answers the next cursor, 0 at the end. A key present during the whole walk is met at least once.</summary>
    public ulong Scan(ulong cursor, int count, KeyVisitor visit)
    {
        foreach (var (k, v) in map)
        {
            if (!visit(k, new StoredValue(v.Kind, v.Bytes, v.ExpiresAtMs)))
            {
                break;
            }
        }

        return 0;
    }

    /// <summary>Some key, chosen by the given random bits. False when the table is empty.</summary>
    public bool TryRandomKey(ulong random, out ReadOnlySpan<byte> key)
    {
        key = map.Count == 0 ? default : map.Keys.ElementAt((int)(random % (ulong)map.Count));
        return map.Count > 0;
    }

    /// <summary>Visits up to limit keys whose expiry is at or before nowMs.</summary>
    public int VisitExpired(long nowMs, int limit, KeyVisitor visit)
    {
        var n = 0;
        foreach (var (k, v) in map.Where(e => e.Value.ExpiresAtMs != 0 && e.Value.ExpiresAtMs <= nowMs).Take(limit).ToList())
        {
            n++;
            visit(k, new StoredValue(v.Kind, v.Bytes, v.ExpiresAtMs));
        }

        return n;
    }

    /// <summary>The bucket of a key under a bucket count.</summary>
    public static int BucketOf(ReadOnlySpan<byte> key, int bucketCount) => 0;

    /// <summary>Digest of one bucket under a bucket count that is at most <see cref="BucketCount"/> (the finer is summed to the coarser): keys, kinds, values, expiries.</summary>
    public BucketDigest Digest(int bucket, int bucketCount) => default;

    /// <summary>Visits the keys of one bucket under a bucket count that is at most <see cref="BucketCount"/>.</summary>
    public void VisitBucket(int bucket, int bucketCount, KeyVisitor visit) => Scan(0, int.MaxValue, visit);

    /// <summary>Removes all keys of one bucket under a bucket count (the observer is not told).</summary>
    public void ClearBucket(int bucket, int bucketCount) => map.Clear();

    public void Dispose() => map.Clear();
}
