using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Which bucket a hash falls into, splitting, and the sums over buckets.</summary>
internal sealed unsafe partial class SegmentTable
{
    private static ulong HighBits(ulong hash, int bits) => bits == 0 ? 0 : hash >> (64 - bits);

    private int LevelOf(ulong hash) => (int)HighBits(hash, level) < split ? level + 1 : level;

    private ref TableBucket BucketOf(ulong hash, out int bucketLevel)
    {
        bucketLevel = LevelOf(hash);
        return ref (bucketLevel > level ? next : current)[HighBits(hash, bucketLevel)];
    }

    private byte* FindItem(ReadOnlySpan<byte> key)
    {
        var place = FindPlace(TableHash.OfKey(key), key, out var bucket);
        return place < 0 ? null : bucket->At(place);
    }

    private int FindPlace(ulong hash, ReadOnlySpan<byte> key, out TableBucket* bucket)
    {
        if (current is null)
        {
            bucket = null;
            return -1;
        }

        var bucketLevel = LevelOf(hash);
        bucket = (bucketLevel > level ? next : current) + HighBits(hash, bucketLevel);
        return bucket->Find(hash, key, bucketLevel);
    }

    /// <summary>Splits the next bucket when the table has outgrown those it has.</summary>
    private void MaybeSplit()
    {
        if (level >= MaxLevel || footprint <= (long)((1 << level) + split) * splitBytes)
        {
            return;
        }

        if (next is null)
        {
            next = NewBuckets(2 << level, out nextCapacity);
        }

        ref var lower = ref next[2 * split];
        ref var upper = ref next[(2 * split) + 1];
        NativeBytes -= current[split].NativeBytes;
        current[split].Split(arena, ref lower, ref upper, level);
        NativeBytes += lower.NativeBytes + upper.NativeBytes;
        split++;
        if (split == 1 << level)
        {
            FreeBuckets(ref current, ref currentCapacity);
            current = next;
            currentCapacity = nextCapacity;
            next = null;
            nextCapacity = 0;
            level++;
            split = 0;
        }
    }

    private TableBucket* NewBuckets(int count, out long capacity)
    {
        var bytes = (long)count * sizeof(TableBucket);
        var buckets = arena.Rent(bytes, out capacity);
        NativeMemory.Clear(buckets, (nuint)bytes);
        NativeBytes += capacity;
        return (TableBucket*)buckets;
    }

    private void FreeBuckets(ref TableBucket* buckets, ref long capacity)
    {
        if (buckets is not null)
        {
            arena.Return((byte*)buckets, capacity);
            NativeBytes -= capacity;
            buckets = null;
            capacity = 0;
        }
    }

    private void FreeAll()
    {
        if (current is not null)
        {
            for (var i = split; i < 1 << level; i++)
            {
                current[i].Free(arena);
            }

            for (var i = 0; i < 2 * split; i++)
            {
                next[i].Free(arena);
            }
        }

        FreeBuckets(ref current, ref currentCapacity);
        FreeBuckets(ref next, ref nextCapacity);
        (level, split, footprint) = (0, 0, 0);
        (Count, DataBytes, ExpiringCount, NativeBytes) = (0, 0, 0, 0);
    }

    /// <summary>Carries what a change did to one bucket over into the table's sums.</summary>
    private void Settle(in Account before, in TableBucket bucket)
    {
        var after = Account.Of(bucket);
        Count += after.Count - before.Count;
        ExpiringCount += after.Expiring - before.Expiring;
        footprint += after.Footprint - before.Footprint;
        NativeBytes += after.NativeBytes - before.NativeBytes;
    }

    /// <summary>What a bucket adds to the table's sums.</summary>
    private readonly record struct Account(int Count, int Expiring, long Footprint, long NativeBytes)
    {
        public static Account Of(in TableBucket bucket) =>
            new(bucket.Count, bucket.Expiring, bucket.LiveBytes + bucket.LargeBytes, bucket.NativeBytes);
    }
}
