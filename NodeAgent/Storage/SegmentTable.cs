using System.Runtime.Intrinsics.X86;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// The keys of one segment in one replica, outside the garbage collector's heap. Never locks: the caller holds the segment's lock, and spans that it hands out are valid until
/// the table is next changed. Expiry is data here, never acted on. Spans handed in may point into the table itself.
/// <para>
/// Keys fall into physical buckets, ranges of the key's hash, split one at a time in the order of the hash (linear hashing) whenever they hold more than
/// half a MiB on average: a write does at most one split, so none is slow. Each bucket has its blocks of its own in the <see cref="NativeArena"/>, so that dropping the table
/// frees a few blocks and not its keys.
/// </para>
/// </summary>
internal sealed unsafe partial class SegmentTable : IDisposable
{
    /// <summary>Longest key.</summary>
    public const int MaxKeyBytes = 64 << 10;

    /// <summary>Longest value that a table takes; the node's own limit is lower by default.</summary>
    public const int MaxValueBytes = 512 << 20;

    /// <summary>Values over this have a block of their own, and <see cref="AcquireLarge"/> can hold them beyond the lock.</summary>
    public const int LargeValueBytes = 64 << 10;

    /// <summary>Mean bytes per physical bucket above which the next one is split.</summary>
    public const int DefaultSplitBytes = 512 << 10;

    /// <summary>At most 2 to this power buckets.</summary>
    private const int MaxLevel = 16;

    private readonly NativeArena arena;
    private readonly int splitBytes;

    // Buckets at level: those before split have been shared out to next, which has twice as many places; next is null while split is 0.
    private TableBucket* current;
    private TableBucket* next;
    private long currentCapacity;
    private long nextCapacity;
    private int level;
    private int split;

    // Bytes of items and large values: what splitting goes by.
    private long footprint;
    private int walking;
    private bool disposed;

    /// <summary>An empty table, which holds no native memory.</summary>
    /// <param name="arena">Where its memory comes from; null: the process's.</param>
    /// <param name="splitBytes">Mean bytes per bucket above which one is split.</param>
    public SegmentTable(NativeArena? arena = null, int splitBytes = DefaultSplitBytes)
    {
        this.arena = arena ?? NativeArena.Shared;
        this.splitBytes = splitBytes;
    }

    /// <summary>Null, or sees every change.</summary>
    public ITableObserver? Observer { get; set; }

    /// <summary>Keys held, expired ones included.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of keys and values.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Keys that have an expiry.</summary>
    public long ExpiringCount { get; private set; }

    /// <summary>Native bytes held, with index, rounding and waste; large values that only a lease still holds are not counted.</summary>
    public long NativeBytes { get; private set; }

    /// <summary>
    /// Number of buckets for which digests are kept: a power of two that doubles as the table grows and falls only when it is cleared. Replicas may differ in it; they compare
    /// at the smaller one.
    /// </summary>
    public int BucketCount => 1 << level;

    /// <summary>Finds a key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out StoredValue value)
    {
        var item = FindItem(key);
        value = item is null ? default : TableItem.Stored(item);
        return item is not null;
    }

    /// <summary>
    /// A hint that a key will be looked for soon: fetches what that reads. Several such hints in a row cost little more than one, because the processor does not wait for one
    /// to begin the next (group prefetching: Chen, Ailamaki, Gibbons and Mowry, "Improving Hash Join Performance through Prefetching", ICDE 2004, section 4).
    /// </summary>
    public void Prefetch(ReadOnlySpan<byte> key)
    {
        if (Sse.IsSupported && current is not null)
        {
            var hash = TableHash.OfKey(key);
            BucketOf(hash, out var bucketLevel).Prefetch(hash, bucketLevel);
        }
    }

    /// <summary>Holds a large value beyond the lock. Null where the key is missing or its value at most <see cref="LargeValueBytes"/>.</summary>
    public LargeValueLease? AcquireLarge(ReadOnlySpan<byte> key)
    {
        var item = FindItem(key);
        return item is not null && TableItem.IsLarge(item) ? new LargeValueLease(arena, TableItem.Large(item)) : null;
    }

    /// <summary>Sets a key, whatever was there. Key and value are within <see cref="MaxKeyBytes"/> and <see cref="MaxValueBytes"/>.</summary>
    public void Set(ReadOnlySpan<byte> key, ValueKind kind, ReadOnlySpan<byte> value, long expiresAtMs)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, MaxKeyBytes, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxValueBytes, nameof(value));
        BeginChange();
        if (current is null)
        {
            current = NewBuckets(1, out currentCapacity);
        }

        var hash = TableHash.OfKey(key);
        ref var bucket = ref BucketOf(hash, out var bucketLevel);
        var before = Account.Of(bucket);
        var large = value.Length > LargeValueBytes ? LargeValue.Create(arena, value) : null;
        var valueHash = large is not null ? large->Hash : TableHash.OfValue(value);
        var digest = TableHash.OfItem(hash, kind, valueHash, value.Length, expiresAtMs);
        var place = bucket.Find(hash, key, bucketLevel);
        byte* item;
        TableBucket.Block left = default;
        if (place < 0)
        {
            item = bucket.Reserve(arena, TableItem.Size(key.Length, value.Length, expiresAtMs != 0, large is not null), out left);
            TableItem.Write(item, hash, key, kind, value, large, expiresAtMs);
            bucket.Link(arena, item, hash, bucketLevel);
            if (expiresAtMs != 0)
            {
                bucket.PushExpiry(arena, item);
            }

            DataBytes += key.Length + value.Length;
        }
        else
        {
            item = bucket.At(place);
            DataBytes += value.Length - TableItem.ValueLength(item);
            digest -= TableItem.Digest(item, hash);
            item = FitsInPlace(item, key.Length, value.Length, expiresAtMs, large)
                ? Overwrite(ref bucket, item, kind, value, large, expiresAtMs)
                : Replace(ref bucket, place, hash, key, kind, value, large, expiresAtMs, out left);
        }

        bucket.LargeBytes += large is not null ? large->Capacity : 0;
        bucket.Digest += digest;
        Settle(before, bucket);
        Tell(item);
        left.Return(arena);
        MaybeSplit();
    }

    /// <summary>Changes only the expiry (0: none). False when the key is not there.</summary>
    public bool SetExpiry(ReadOnlySpan<byte> key, long expiresAtMs)
    {
        BeginChange();
        var hash = TableHash.OfKey(key);
        var place = FindPlace(hash, key, out var bucket);
        if (place < 0)
        {
            return false;
        }

        var before = Account.Of(*bucket);
        var item = bucket->At(place);
        var valueHash = TableItem.ValueHash(item);
        var kind = TableItem.Kind(item);
        var length = TableItem.ValueLength(item);
        bucket->Digest += TableHash.OfItem(hash, kind, valueHash, length, expiresAtMs) - TableHash.OfItem(hash, kind, valueHash, length, TableItem.ExpiresAt(item));
        TableBucket.Block left = default;
        if (TableItem.Expires(item) && expiresAtMs != 0)
        {
            TableItem.SetExpiresAt(item, expiresAtMs);
            bucket->MoveExpiry(item);
        }
        else if (TableItem.Expires(item) || expiresAtMs != 0)
        {
            var large = TableItem.IsLarge(item) ? TableItem.Large(item) : null;
            if (large is not null)
            {
                // Replacing gives the old item's reference back, and this one is the new item's.
                LargeValue.AddReference(large);
                bucket->LargeBytes += large->Capacity;
            }

            item = Replace(ref *bucket, place, hash, key, kind, TableItem.Value(item), large, expiresAtMs, out left);
        }

        Settle(before, *bucket);
        Tell(item);
        left.Return(arena);
        MaybeSplit();
        return true;
    }

    /// <summary>Removes a key. False when it was not there.</summary>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        BeginChange();
        var hash = TableHash.OfKey(key);
        var place = FindPlace(hash, key, out var bucket);
        if (place < 0)
        {
            return false;
        }

        var before = Account.Of(*bucket);
        RemoveAt(ref *bucket, place, hash, LevelOf(hash));
        Observer?.OnRemove(key);
        bucket->MaybeShrink(arena, LevelOf(hash));
        Settle(before, *bucket);
        return true;
    }

    /// <summary>Removes all keys and gives all memory back.</summary>
    public void Clear()
    {
        BeginChange();
        FreeAll();
        Observer?.OnClear();
    }

    /// <summary>Gives all memory back; leases of large values stay good. The observer is not told.</summary>
    public void Dispose()
    {
        FreeAll();
        disposed = true;
    }

    private static bool FitsInPlace(byte* item, int keyLength, int valueLength, long expiresAtMs, LargeValue* large) =>
        TableItem.Expires(item) == (expiresAtMs != 0) && TableItem.IsLarge(item) == (large is not null)
        && TableItem.Size(keyLength, valueLength, expiresAtMs != 0, large is not null) <= TableItem.Size(item);

    private byte* Overwrite(ref TableBucket bucket, byte* item, ValueKind kind, ReadOnlySpan<byte> value, LargeValue* large, long expiresAtMs)
    {
        var old = TableItem.IsLarge(item) ? TableItem.Large(item) : null;
        bucket.LiveBytes -= TableItem.Size(item);
        TableItem.Overwrite(item, kind, value, large);
        bucket.LiveBytes += TableItem.Size(item);
        if (expiresAtMs != 0)
        {
            TableItem.SetExpiresAt(item, expiresAtMs);
            bucket.MoveExpiry(item);
        }

        ReleaseLarge(ref bucket, old);
        return item;
    }

    private byte* Replace(
        ref TableBucket bucket, int place, ulong hash, ReadOnlySpan<byte> key, ValueKind kind, ReadOnlySpan<byte> value, LargeValue* large, long expiresAtMs,
        out TableBucket.Block left)
    {
        var item = bucket.Reserve(arena, TableItem.Size(key.Length, value.Length, expiresAtMs != 0, large is not null), out left);
        var old = bucket.At(place);
        TableItem.Write(item, hash, key, kind, value, large, expiresAtMs);
        bucket.LiveBytes -= TableItem.Size(old);
        if (TableItem.Expires(old))
        {
            bucket.RemoveExpiry(old);
        }

        bucket.Relink(place, item);
        if (expiresAtMs != 0)
        {
            bucket.PushExpiry(arena, item);
        }

        ReleaseLarge(ref bucket, TableItem.IsLarge(old) ? TableItem.Large(old) : null);
        return item;
    }

    /// <summary>Takes an item out; the caller settles the account and gives memory back.</summary>
    private void RemoveAt(ref TableBucket bucket, int place, ulong hash, int bucketLevel)
    {
        var item = bucket.At(place);
        bucket.Digest -= TableItem.Digest(item, hash);
        DataBytes -= TableItem.KeyLength(item) + TableItem.ValueLength(item);
        if (TableItem.Expires(item))
        {
            bucket.RemoveExpiry(item);
        }

        var large = TableItem.IsLarge(item) ? TableItem.Large(item) : null;
        bucket.Unlink(place, bucketLevel);
        ReleaseLarge(ref bucket, large);
    }

    private void ReleaseLarge(ref TableBucket bucket, LargeValue* large)
    {
        if (large is not null)
        {
            bucket.LargeBytes -= large->Capacity;
            LargeValue.Release(arena, large);
        }
    }

    private void Tell(byte* item) => Observer?.OnSet(TableItem.Key(item), TableItem.Stored(item));

    private void BeginChange()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (walking > 0)
        {
            throw new InvalidOperationException("A table was changed by the visitor of its own walk.");
        }
    }
}
