using System.Numerics;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Walks by hash, bucket and expiry, and what is asked of a bucket under any bucket count.</summary>
internal sealed unsafe partial class SegmentTable
{
    private const int RandomTries = 128;

    /// <summary>Largest bucket count that may be named.</summary>
    public const int MaxBucketCount = 1 << 24;

    /// <summary>
    /// Walks on from a cursor (0 begins) over at least count keys; answers the next cursor, 0 at the end. A key present during the whole walk is met at least once, however the table
    /// changes between the calls. The cursor is a bound of the hash: what has a smaller one was visited.
    /// </summary>
    public ulong Scan(ulong cursor, int count, KeyVisitor visit)
    {
        var left = Math.Max(1, count);
        return WalkRange(cursor, ulong.MaxValue, visit, ref left, out var next) ? next : 0;
    }

    /// <summary>Visits the keys whose hash lies from first to last, both included, in the order of the hash.</summary>
    public void ScanRange(ulong first, ulong last, KeyVisitor visit)
    {
        var left = int.MaxValue;
        _ = WalkRange(first, last, visit, ref left, out _);
    }

    /// <summary>Some key, each about as likely, chosen by the given random bits. False when the table is empty.</summary>
    public bool TryRandomKey(ulong random, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (Count == 0)
        {
            return false;
        }

        var state = random;
        var rank = (long)Math.BigMul(TableHash.Next(ref state), (ulong)Count, out _);
        var hash = 0UL;
        ref var bucket = ref BucketOf(hash, out var bucketLevel);
        while (rank >= bucket.Count)
        {
            rank -= bucket.Count;
            hash = EndOf(hash, bucketLevel) + 1;
            bucket = ref BucketOf(hash, out bucketLevel);
        }

        // Each key has one place: a random full place is a random key.
        var place = 0;
        for (var tries = 0; tries < RandomTries; tries++)
        {
            place = (int)Math.BigMul(TableHash.Next(ref state), (ulong)bucket.Places, out _);
            if (bucket.At(place) is not null)
            {
                break;
            }
        }

        while (bucket.At(place) is null)
        {
            place = (place + 1) % bucket.Places;
        }

        key = TableItem.Key(bucket.At(place));
        return true;
    }

    /// <summary>Visits up to limit keys whose expiry is at or before nowMs; costs what it visits and a look at each bucket. Keys that stay are visited again by the next call.</summary>
    public int VisitExpired(long nowMs, int limit, KeyVisitor visit)
    {
        var visited = 0;
        if (ExpiringCount == 0)
        {
            return visited;
        }

        var hash = 0UL;
        walking++;
        try
        {
            do
            {
                ref var bucket = ref BucketOf(hash, out var bucketLevel);
                if (bucket.Expiring > 0 && bucket.EarliestExpiry <= nowMs && bucket.VisitExpired(nowMs, limit, visit, ref visited))
                {
                    break;
                }

                hash = EndOf(hash, bucketLevel) + 1;
            }
            while (hash != 0 && visited < limit);
        }
        finally
        {
            walking--;
        }

        return visited;
    }

    /// <summary>The bucket of a key under a bucket count, a power of two.</summary>
    public static int BucketOf(ReadOnlySpan<byte> key, int bucketCount) => (int)HighBits(TableHash.OfKey(key), BitsOf(bucketCount));

    /// <summary>
    /// Digest of one bucket under a bucket count: keys, kinds, values, expiries. Up to <see cref="BucketCount"/> it is a sum of what is kept; beyond, the bucket's keys are hashed.
    /// </summary>
    public BucketDigest Digest(int bucket, int bucketCount)
    {
        var (first, last) = RangeOf(bucket, bucketCount);
        var sum = UInt128.Zero;
        if (Count == 0)
        {
            return default;
        }

        var hash = first;
        do
        {
            ref var physical = ref BucketOf(hash, out var bucketLevel);
            var end = EndOf(hash, bucketLevel);
            sum += StartOf(hash, bucketLevel) >= first && end <= last ? physical.Digest : DigestOf(physical, first, last);
            hash = end + 1;
        }
        while (hash != 0 && hash <= last);

        return BucketDigest.Of(sum);
    }

    /// <summary>Visits the keys of one bucket under a bucket count.</summary>
    public void VisitBucket(int bucket, int bucketCount, KeyVisitor visit)
    {
        var (first, last) = RangeOf(bucket, bucketCount);
        if (Count == 0)
        {
            return;
        }

        walking++;
        try
        {
            VisitRange(first, last, visit);
        }
        finally
        {
            walking--;
        }
    }

    /// <summary>Removes all keys of one bucket under a bucket count (the observer is not told).</summary>
    public void ClearBucket(int bucket, int bucketCount)
    {
        BeginChange();
        var (first, last) = RangeOf(bucket, bucketCount);
        if (Count == 0)
        {
            return;
        }

        var hash = first;
        do
        {
            ref var physical = ref BucketOf(hash, out var bucketLevel);
            var before = Account.Of(physical);
            RemoveRange(ref physical, first, last, bucketLevel);
            if (physical.Count == 0)
            {
                // What was damaged in memory was subtracted as it was found, not as it was added: nothing has the digest of nothing.
                physical.Digest = UInt128.Zero;
            }

            physical.MaybeShrink(arena, bucketLevel);
            Settle(before, physical);
            hash = EndOf(hash, bucketLevel) + 1;
        }
        while (hash != 0 && hash <= last);
    }

    /// <summary>
    /// Hashes all keys and values of the bucket at a cursor (0 begins) anew and keeps what comes out as its digest: damage of memory, which no write has counted, becomes a
    /// difference between replicas.
    /// </summary>
    /// <param name="bytes">Bytes that were read.</param>
    /// <param name="differed">The bytes are not those that were written.</param>
    /// <returns>The next cursor, 0 at the end.</returns>
    public ulong Scrub(ulong cursor, out long bytes, out bool differed)
    {
        (bytes, differed) = (0, false);
        if (Count == 0)
        {
            return 0;
        }

        ref var physical = ref BucketOf(cursor, out var bucketLevel);
        var sum = UInt128.Zero;
        for (var place = 0; place < physical.Places; place++)
        {
            var item = physical.At(place);
            if (item is not null)
            {
                var key = TableItem.Key(item);
                var value = TableItem.Stored(item);
                sum += TableHash.OfItem(TableHash.OfKey(key), value.Kind, TableHash.OfValue(value.Bytes), value.Bytes.Length, value.ExpiresAtMs);
                bytes += key.Length + value.Bytes.Length;
            }
        }

        differed = sum != physical.Digest;
        physical.Digest = sum;
        return EndOf(cursor, bucketLevel) + 1;
    }

    private static ulong StartOf(ulong hash, int bits) => bits == 0 ? 0 : hash & ~(ulong.MaxValue >> bits);

    private static ulong EndOf(ulong hash, int bits) => hash | (ulong.MaxValue >> bits);

    private static int BitsOf(int bucketCount)
    {
        if (bucketCount is < 1 or > MaxBucketCount || !BitOperations.IsPow2(bucketCount))
        {
            throw new ArgumentOutOfRangeException(nameof(bucketCount), bucketCount, $"A bucket count is a power of two from 1 to {MaxBucketCount}.");
        }

        return BitOperations.Log2((uint)bucketCount);
    }

    private static (ulong First, ulong Last) RangeOf(int bucket, int bucketCount)
    {
        var bits = BitsOf(bucketCount);
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, bucketCount);
        var first = bits == 0 ? 0 : (ulong)bucket << (64 - bits);
        return (first, EndOf(first, bits));
    }

    private static UInt128 DigestOf(in TableBucket bucket, ulong first, ulong last)
    {
        var sum = UInt128.Zero;
        for (var place = 0; place < bucket.Places; place++)
        {
            var item = bucket.At(place);
            if (item is not null && TableHash.OfKey(TableItem.Key(item)) is var hash && hash >= first && hash <= last)
            {
                sum += TableItem.Digest(item, hash);
            }
        }

        return sum;
    }

    private void RemoveRange(ref TableBucket bucket, ulong first, ulong last, int bucketLevel)
    {
        for (var place = 0; place < bucket.Places;)
        {
            var item = bucket.At(place);
            if (item is not null && TableHash.OfKey(TableItem.Key(item)) is var hash && hash >= first && hash <= last)
            {
                // Another item may have moved to this place.
                RemoveAt(ref bucket, place, hash, bucketLevel);
                continue;
            }

            place++;
        }
    }

    private void VisitRange(ulong first, ulong last, KeyVisitor visit)
    {
        var hash = first;
        do
        {
            ref var physical = ref BucketOf(hash, out var bucketLevel);
            var end = EndOf(hash, bucketLevel);
            var left = int.MaxValue;
            var whole = StartOf(hash, bucketLevel) >= first && end <= last;
            if (whole ? physical.Visit(visit) : physical.VisitInOrder(hash, last, bucketLevel, visit, ref left, out _))
            {
                return;
            }

            hash = end + 1;
        }
        while (hash != 0 && hash <= last);
    }

    private bool WalkRange(ulong first, ulong last, KeyVisitor visit, ref int left, out ulong goOn)
    {
        goOn = 0;
        if (Count == 0)
        {
            return false;
        }

        walking++;
        try
        {
            var hash = first;
            do
            {
                ref var physical = ref BucketOf(hash, out var bucketLevel);
                if (physical.VisitInOrder(hash, last, bucketLevel, visit, ref left, out goOn))
                {
                    return true;
                }

                hash = EndOf(hash, bucketLevel) + 1;
            }
            while (hash != 0 && hash <= last);
        }
        finally
        {
            walking--;
        }

        return false;
    }
}
