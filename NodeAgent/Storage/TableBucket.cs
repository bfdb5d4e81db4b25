using System.Diagnostics;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// The keys of one range of the hash, in three blocks: items one behind the other, an index of them, and a heap of those that expire. The index is open addressing
/// in the order of the hash (an item's home is the next bits of its hash behind the bucket's own, probing goes upwards and never wraps), so that a run of full
/// places holds exactly the keys of its range of the hash: that is what lets a scan go on by a hash bound. Lives in native memory; all zero is an empty bucket.
/// </summary>
internal unsafe partial struct TableBucket
{
    private const int UnitShift = 3;
    private const uint OffsetMask = (1u << 24) - 1;
    private const int MinIndexBits = 2;
    private const int MinSpill = 8;

    // What finding a key reads comes first, so that it lies on one cache line.
    private byte* data;
    private uint* index;
    private int indexBits;

    /// <summary>Keys held.</summary>
    public int Count;

    private HeapEntry* heap;
    private long dataCapacity;
    private long indexCapacity;
    private long heapCapacity;

    // Invariant: 8 <= dataUsed <= dataCapacity where there is data; the first 8 bytes are unused, so that no offset is 0.
    private int dataUsed;

    // Places behind the last home, for probing that must not wrap; the last of them is always empty.
    private int spill;

    /// <summary>Keys that expire.</summary>
    public int Expiring;

    /// <summary>Bytes of the live items.</summary>
    public int LiveBytes;

    /// <summary>Bytes rented for large values.</summary>
    public long LargeBytes;

    /// <summary>Sum of the items' digests, low and high half.</summary>
    public ulong DigestLow;
    public ulong DigestHigh;

    /// <summary>Native bytes held, rounding included.</summary>
    public readonly long NativeBytes => dataCapacity + indexCapacity + heapCapacity + LargeBytes;

    /// <summary>Places of the index.</summary>
    public readonly int Places => index is null ? 0 : (1 << indexBits) + spill;

    public UInt128 Digest
    {
        readonly get => new(DigestHigh, DigestLow);
        set => (DigestHigh, DigestLow) = ((ulong)(value >> 64), (ulong)value);
    }

    /// <summary>
    /// Puts a new item at the end of the data and answers it; the index does not name it yet. A block that had to be left is handed out in
    /// <paramref name="left"/>: the caller returns it when what it copies from there is copied.
    /// </summary>
    public byte* Reserve(NativeArena arena, int size, out Block left)
    {
        left = default;
        if (data is null || dataUsed + size > dataCapacity)
        {
            left = MoveData(arena, size);
        }

        var item = data + dataUsed;
        dataUsed += size;
        LiveBytes += size;
        return item;
    }

    /// <summary>Names an item that <see cref="Reserve"/> made, for a key that is not in the index.</summary>
    public void Link(NativeArena arena, byte* item, ulong hash, int level)
    {
        if (index is null || (Count + 1) * 4 > (3 << indexBits))
        {
            ResizeIndex(arena, Math.Max(MinIndexBits, index is null ? 0 : indexBits + 1), MinSpill + (4 * indexBits), level);
        }

        var slot = Slot(item, (uint)(hash & 0xff) << 24);
        while (!TryPlace(slot, (uint)(hash >> 32), level))
        {
            ResizeIndex(arena, indexBits, spill * 2, level);
        }

        Count++;
    }

    /// <summary>Lets a place name another item of the same key.</summary>
    public readonly void Relink(int place, byte* item) => index[place] = Slot(item, index[place] & ~OffsetMask);

    /// <summary>Forgets an item's place; its bytes are waste from here on. The gap is closed, so that no probing breaks off.</summary>
    public void Unlink(int place, int level)
    {
        LiveBytes -= TableItem.Size(At(place));
        Count--;
        var gap = place;
        for (var next = place + 1; index[next] != 0; next++)
        {
            if (Home(TableItem.HashHigh(At(next)), level) <= gap)
            {
                index[gap] = index[next];
                gap = next;
            }
        }

        index[gap] = 0;
    }

    /// <summary>Gives memory back when little of it is used.</summary>
    public void MaybeShrink(NativeArena arena, int level)
    {
        if (Count == 0)
        {
            Free(arena);
            return;
        }

        if (dataCapacity > 512 && LiveBytes < dataCapacity / 4)
        {
            MoveData(arena, 0).Return(arena);
        }

        if (indexBits > MinIndexBits + 1 && Count * 8 < (1 << indexBits))
        {
            ResizeIndex(arena, indexBits - 2, MinSpill + (4 * indexBits), level);
        }

        ShrinkHeap(arena);
    }

    /// <summary>Frees everything, large values too; the bucket is empty after it.</summary>
    public void Free(NativeArena arena)
    {
        if (LargeBytes > 0)
        {
            for (var place = 0; place < Places; place++)
            {
                var item = At(place);
                if (item is not null && TableItem.IsLarge(item))
                {
                    LargeValue.Release(arena, TableItem.Large(item));
                }
            }
        }

        FreeBlocks(arena);
        this = default;
    }

    /// <summary>Shares the items out to two empty buckets of the next level, by the next bit of their hash, and frees this one's blocks.</summary>
    public void Split(NativeArena arena, ref TableBucket lower, ref TableBucket upper, int level)
    {
        if (Count > 0)
        {
            Measure(level, out var lowerCount, out var lowerBytes);
            lower.Prepare(arena, lowerCount, lowerBytes);
            upper.Prepare(arena, Count - lowerCount, LiveBytes - lowerBytes);
            var digestLower = lowerCount <= Count / 2;
            var moved = UInt128.Zero;
            for (var place = 0; place < Places; place++)
            {
                var item = At(place);
                if (item is null)
                {
                    continue;
                }

                var isLower = IsLower(item, level);
                (isLower ? ref lower : ref upper).Take(arena, item, index[place] & ~OffsetMask, level + 1);
                if (isLower == digestLower)
                {
                    moved += TableItem.Digest(item, TableHash.OfKey(TableItem.Key(item)));
                }
            }

            lower.Digest = digestLower ? moved : Digest - moved;
            upper.Digest = digestLower ? Digest - moved : moved;
        }

        FreeBlocks(arena);
        this = default;
    }

    private readonly void Measure(int level, out int lowerCount, out int lowerBytes)
    {
        (lowerCount, lowerBytes) = (0, 0);
        for (var place = 0; place < Places; place++)
        {
            var item = At(place);
            if (item is not null && IsLower(item, level))
            {
                lowerCount++;
                lowerBytes += TableItem.Size(item);
            }
        }
    }

    private static bool IsLower(byte* item, int level) => ((TableItem.HashHigh(item) >> (31 - level)) & 1) == 0;

    /// <summary>Makes room for so many items at once.</summary>
    private void Prepare(NativeArena arena, int count, int bytes)
    {
        if (count == 0)
        {
            return;
        }

        data = arena.Rent(DataRoom(bytes), out dataCapacity);
        dataUsed = 1 << UnitShift;
        var bits = MinIndexBits;
        while (count * 4 > (3 << bits))
        {
            bits++;
        }

        ResizeIndex(arena, bits, MinSpill + (4 * bits), 0);
    }

    /// <summary>Copies an item of another bucket, its large value's reference included.</summary>
    private void Take(NativeArena arena, byte* item, uint tag, int level)
    {
        var size = TableItem.Size(item);
        var copy = Reserve(arena, size, out var left);
        left.Return(arena);
        Buffer.MemoryCopy(item, copy, size, size);
        while (!TryPlace(Slot(copy, tag), TableItem.HashHigh(copy), level))
        {
            ResizeIndex(arena, indexBits, spill * 2, level);
        }

        Count++;
        LargeBytes += TableItem.IsLarge(copy) ? TableItem.Large(copy)->Capacity : 0;
        if (TableItem.Expires(copy))
        {
            PushExpiry(arena, copy);
        }
    }

    private readonly uint Slot(byte* item, uint tag)
    {
        var units = (item - data) >> UnitShift;
        Debug.Assert(units is > 0 and <= OffsetMask, "offsets fit their bits");
        return tag | (uint)units;
    }

    /// <summary>False where the item would land on the last place, which must stay empty.</summary>
    private readonly bool TryPlace(uint slot, uint hashHigh, int level)
    {
        var place = Home(hashHigh, level);
        while (index[place] != 0)
        {
            place++;
        }

        if (place >= Places - 1)
        {
            return false;
        }

        index[place] = slot;
        return true;
    }

    private void ResizeIndex(NativeArena arena, int bits, int newSpill, int level)
    {
        var old = new Block((byte*)index, indexCapacity);
        var oldPlaces = Places;
        var oldIndex = index;
        while (true)
        {
            (indexBits, spill) = (bits, newSpill);
            var places = (1 << bits) + newSpill;
            index = (uint*)arena.Rent((long)places * sizeof(uint), out indexCapacity);
            new Span<uint>(index, places).Clear();
            if (TryPlaceAll(oldIndex, oldPlaces, level))
            {
                break;
            }

            arena.Return((byte*)index, indexCapacity);
            newSpill *= 2;
        }

        old.Return(arena);
    }

    private readonly bool TryPlaceAll(uint* slots, int count, int level)
    {
        for (var i = 0; i < count; i++)
        {
            if (slots[i] != 0 && !TryPlace(slots[i], TableItem.HashHigh(data + ((long)(slots[i] & OffsetMask) << UnitShift)), level))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A little more than what is needed, so that growing copies each byte a bounded number of times.</summary>
    private static long DataRoom(long bytes) => (1 << UnitShift) + bytes + (bytes < 64 << 10 ? bytes / 4 : bytes / 8);

    /// <summary>Copies the live items, in the order of the index, into a block with room for so many bytes more.</summary>
    private Block MoveData(NativeArena arena, int more)
    {
        var old = new Block(data, dataCapacity);
        var oldData = data;
        var room = LiveBytes + more;
        if (room > OffsetMask << UnitShift)
        {
            throw new InvalidOperationException($"A bucket of {room} bytes passes the limit of {OffsetMask << UnitShift}: a segment holds too much.");
        }

        // Where an eighth was waste, the same size does again.
        var wanted = room <= dataCapacity - (dataCapacity / 8) && more > 0 ? dataCapacity : DataRoom(room);
        data = arena.Rent(wanted, out dataCapacity);
        dataUsed = 1 << UnitShift;
        for (var place = 0; place < Places; place++)
        {
            if (index[place] == 0)
            {
                continue;
            }

            var item = oldData + ((long)(index[place] & OffsetMask) << UnitShift);
            var size = TableItem.Size(item);
            var copy = data + dataUsed;
            Buffer.MemoryCopy(item, copy, size, size);
            dataUsed += size;
            Relink(place, copy);
            if (TableItem.Expires(copy))
            {
                heap[TableItem.HeapPlace(copy)].Units = (uint)((copy - data) >> UnitShift);
            }
        }

        return old;
    }

    private readonly void FreeBlocks(NativeArena arena)
    {
        new Block(data, dataCapacity).Return(arena);
        new Block((byte*)index, indexCapacity).Return(arena);
        new Block((byte*)heap, heapCapacity).Return(arena);
    }

    /// <summary>A rented block, or none.</summary>
    internal readonly struct Block(byte* start, long capacity)
    {
        public void Return(NativeArena arena)
        {
            if (start is not null)
            {
                arena.Return(start, capacity);
            }
        }
    }
}
