namespace ShardConsole.NodeAgent.Storage;

/// <summary>The heap of a bucket's expiries: smallest first; each item knows its place in it, so that a change costs a logarithm and nothing stale is left.</summary>
internal unsafe partial struct TableBucket
{
    private const int MinHeapEntries = 4;

    /// <summary>The earliest expiry; meaningful where <see cref="Expiring"/> is not 0.</summary>
    public readonly long EarliestExpiry => heap[0].ExpiresAtMs;

    /// <summary>Takes an item with an expiry into the heap.</summary>
    public void PushExpiry(NativeArena arena, byte* item)
    {
        if ((Expiring + 1) * sizeof(HeapEntry) > heapCapacity)
        {
            ResizeHeap(arena, Math.Max(MinHeapEntries, Expiring + (Expiring / 2)));
        }

        Expiring++;
        SiftUp(Expiring - 1, new HeapEntry { ExpiresAtMs = TableItem.ExpiresAt(item), Units = (uint)((item - data) >> UnitShift) });
    }

    /// <summary>Takes an item out of the heap.</summary>
    public void RemoveExpiry(byte* item)
    {
        var place = TableItem.HeapPlace(item);
        var last = heap[--Expiring];
        if (place < Expiring)
        {
            Reseat(place, last);
        }
    }

    /// <summary>Moves an item whose expiry was changed to its new place.</summary>
    public readonly void MoveExpiry(byte* item) =>
        Reseat(TableItem.HeapPlace(item), new HeapEntry { ExpiresAtMs = TableItem.ExpiresAt(item), Units = (uint)((item - data) >> UnitShift) });

    /// <summary>Visits up to limit items that expire at or before now; true when the visitor ended the walk.</summary>
    public readonly bool VisitExpired(long nowMs, int limit, KeyVisitor visit, ref int visited)
    {
        // Depth first: at most one sibling waits per level of the heap.
        var waiting = stackalloc int[64];
        var depth = 0;
        waiting[depth++] = 0;
        while (depth > 0 && visited < limit)
        {
            var place = waiting[--depth];
            if (place >= Expiring || heap[place].ExpiresAtMs > nowMs)
            {
                continue;
            }

            waiting[depth++] = (2 * place) + 2;
            waiting[depth++] = (2 * place) + 1;
            var item = data + ((long)heap[place].Units << UnitShift);
            visited++;
            if (!visit(TableItem.Key(item), TableItem.Stored(item)))
            {
                return true;
            }
        }

        return false;
    }

    private readonly void Reseat(int place, HeapEntry entry)
    {
        if (place > 0 && entry.ExpiresAtMs < heap[(place - 1) / 2].ExpiresAtMs)
        {
            SiftUp(place, entry);
        }
        else
        {
            SiftDown(place, entry);
        }
    }

    private readonly void SiftUp(int place, HeapEntry entry)
    {
        while (place > 0 && heap[(place - 1) / 2].ExpiresAtMs > entry.ExpiresAtMs)
        {
            Seat(place, heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }

        Seat(place, entry);
    }

    private readonly void SiftDown(int place, HeapEntry entry)
    {
        while (true)
        {
            var child = (2 * place) + 1;
            if (child + 1 < Expiring && heap[child + 1].ExpiresAtMs < heap[child].ExpiresAtMs)
            {
                child++;
            }

            if (child >= Expiring || heap[child].ExpiresAtMs >= entry.ExpiresAtMs)
            {
                break;
            }

            Seat(place, heap[child]);
            place = child;
        }

        Seat(place, entry);
    }

    private readonly void Seat(int place, HeapEntry entry)
    {
        heap[place] = entry;
        TableItem.HeapPlace(data + ((long)entry.Units << UnitShift)) = place;
    }

    private void ShrinkHeap(NativeArena arena)
    {
        if (Expiring == 0 && heap is not null)
        {
            new Block((byte*)heap, heapCapacity).Return(arena);
            heap = null;
            heapCapacity = 0;
        }
        else if (heapCapacity > 1024 && Expiring * sizeof(HeapEntry) < heapCapacity / 4)
        {
            ResizeHeap(arena, Expiring + (Expiring / 2));
        }
    }

    private void ResizeHeap(NativeArena arena, int entries)
    {
        var old = new Block((byte*)heap, heapCapacity);
        var resized = (HeapEntry*)arena.Rent((long)entries * sizeof(HeapEntry), out heapCapacity);
        new Span<HeapEntry>(heap, Expiring).CopyTo(new Span<HeapEntry>(resized, Expiring));
        heap = resized;
        old.Return(arena);
    }

    /// <summary>An expiry and where its item begins.</summary>
    private struct HeapEntry
    {
        public long ExpiresAtMs;
        public uint Units;
    }
}
