using System.Numerics;
using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// Memory outside the garbage collector's heap, shared by all tables of a node: blocks of a few size classes (four to each doubling, so at most a quarter is lost to
/// rounding) cut from slabs of 4 MiB, so that tens of thousands of small tables cost only the blocks they use; larger blocks come alone. An empty slab is kept for any
/// class; what is more than <see cref="MaxSpareSlabs"/> goes back to the system one slab at a time, as others are rented, or by <see cref="Trim"/>: so dropping a large table takes
/// microseconds and not as long as the system needs to take its pages.
/// Thread-safe; the lock is held for nanoseconds, and a table asks seldom (when a bucket grows).
/// </summary>
/// <param name="poison">Overwrites blocks when they are rented and returned, so that tests see a use after free.</param>
internal sealed unsafe class NativeArena(bool poison = false)
{
    /// <summary>The arena of this process's tables.</summary>
    public static readonly NativeArena Shared = new();

    /// <summary>Size and alignment of a slab.</summary>
    public const int SlabBytes = 4 << 20;

    /// <summary>Largest block that is cut from a slab.</summary>
    public const int MaxSlabBlockBytes = 1 << 20;

    /// <summary>Empty slabs kept for the next use.</summary>
    public const int MaxSpareSlabs = 8;

    /// <summary>What a poisoned block is filled with when it was returned.</summary>
    public const byte FreedByte = 0xDD;

    private const byte FreshByte = 0xCD;
    private const int MinBlockBytes = 64;
    private const int HeaderBytes = 128;
    private const int ClassCount = 14 * 4 + 1;

    private readonly Lock gate = new();
    private readonly nint[] partial = new nint[ClassCount];
    private readonly Stack<nint> spare = new();
    private long bytesInUse;
    private long bytesReserved;

    /// <summary>Bytes of the blocks that are rented, rounding included.</summary>
    public long BytesInUse => Interlocked.Read(ref bytesInUse);

    /// <summary>Bytes asked of the operating system: rented blocks, free room in slabs and spare slabs. What was never touched costs no memory.</summary>
    public long BytesReserved => Interlocked.Read(ref bytesReserved);

    /// <summary>Rents a block of at least <paramref name="bytes"/>, aligned to 16, its content undefined. Throws <see cref="OutOfMemoryException"/> when the system has none.</summary>
    public byte* Rent(long bytes, out long capacity)
    {
        byte* block;
        if (bytes > MaxSlabBlockBytes)
        {
            capacity = (bytes + 15) & ~15L;
            block = (byte*)NativeMemory.Alloc((nuint)capacity);
            Interlocked.Add(ref bytesReserved, capacity);
        }
        else
        {
            var sizeClass = ClassOf(bytes);
            capacity = SizeOf(sizeClass);
            void* excess;
            lock (gate)
            {
                block = Cut_NeedsLock(sizeClass, (int)capacity);
                excess = TakeExcess_NeedsLock();
            }

            Free(excess);
        }

        Interlocked.Add(ref bytesInUse, capacity);
        if (poison)
        {
            NativeMemory.Fill(block, (nuint)capacity, FreshByte);
        }

        return block;
    }

    /// <summary>Gives a block back. <paramref name="capacity"/> is what <see cref="Rent"/> answered.</summary>
    public void Return(byte* block, long capacity)
    {
        if (poison)
        {
            NativeMemory.Fill(block, (nuint)capacity, FreedByte);
        }

        Interlocked.Add(ref bytesInUse, -capacity);
        if (capacity > MaxSlabBlockBytes)
        {
            NativeMemory.Free(block);
            Interlocked.Add(ref bytesReserved, -capacity);
            return;
        }

        lock (gate)
        {
            Mend_NeedsLock(block);
        }
    }

    /// <summary>Gives all empty slabs beyond <see cref="MaxSpareSlabs"/> back to the system; for a timer or an idle moment.</summary>
    public void Trim()
    {
        void* excess;
        do
        {
            lock (gate)
            {
                excess = TakeExcess_NeedsLock();
            }

            Free(excess);
        }
        while (excess is not null);
    }

    /// <summary>The size class of a block: four classes to each doubling from 64 bytes on.</summary>
    internal static int ClassOf(long bytes)
    {
        if (bytes <= MinBlockBytes)
        {
            return 0;
        }

        var doubling = BitOperations.Log2((ulong)(bytes - 1)) - 6;
        var step = (64L << doubling) / 4;
        return (doubling * 4) + (int)((bytes - (64L << doubling) + step - 1) / step);
    }

    /// <summary>Size of the blocks of a class.</summary>
    internal static long SizeOf(int sizeClass) => (64L << (sizeClass / 4)) / 4 * (4 + (sizeClass % 4));

    private byte* Cut_NeedsLock(int sizeClass, int size)
    {
        var slab = (Slab*)partial[sizeClass];
        if (slab is null)
        {
            slab = NewSlab_NeedsLock(sizeClass, size);
            Link_NeedsLock(slab);
        }

        byte* block;
        if (slab->Free is not null)
        {
            block = slab->Free;
            slab->Free = *(byte**)block;
        }
        else
        {
            block = (byte*)slab + slab->Untouched;
            slab->Untouched += size;
        }

        slab->Live++;
        if (slab->IsFull)
        {
            Unlink_NeedsLock(slab);
        }

        return block;
    }

    /// <summary>Takes a block back.</summary>
    private void Mend_NeedsLock(byte* block)
    {
        var slab = (Slab*)((nuint)block & ~(nuint)(SlabBytes - 1));
        if (slab->IsFull)
        {
            Link_NeedsLock(slab);
        }

        *(byte**)block = slab->Free;
        slab->Free = block;
        slab->Live--;
        if (slab->Live == 0)
        {
            Unlink_NeedsLock(slab);
            spare.Push((nint)slab);
        }
    }

    private void* TakeExcess_NeedsLock() => spare.Count > MaxSpareSlabs ? (void*)spare.Pop() : null;

    private void Free(void* slab)
    {
        if (slab is not null)
        {
            NativeMemory.AlignedFree(slab);
            Interlocked.Add(ref bytesReserved, -SlabBytes);
        }
    }

    private Slab* NewSlab_NeedsLock(int sizeClass, int size)
    {
        Slab* slab;
        if (spare.TryPop(out var kept))
        {
            slab = (Slab*)kept;
        }
        else
        {
            slab = (Slab*)NativeMemory.AlignedAlloc(SlabBytes, SlabBytes);
            Interlocked.Add(ref bytesReserved, SlabBytes);
        }

        *slab = new Slab { SizeClass = sizeClass, Size = size, Untouched = HeaderBytes };
        return slab;
    }

    private void Link_NeedsLock(Slab* slab)
    {
        var first = (Slab*)partial[slab->SizeClass];
        slab->Previous = null;
        slab->Next = first;
        if (first is not null)
        {
            first->Previous = slab;
        }

        partial[slab->SizeClass] = (nint)slab;
    }

    private void Unlink_NeedsLock(Slab* slab)
    {
        if (slab->Previous is null)
        {
            partial[slab->SizeClass] = (nint)slab->Next;
        }
        else
        {
            slab->Previous->Next = slab->Next;
        }

        if (slab->Next is not null)
        {
            slab->Next->Previous = slab->Previous;
        }
    }

    /// <summary>The beginning of each slab. Linked in its class's list while it has room.</summary>
    private struct Slab
    {
        public Slab* Next;
        public Slab* Previous;

        /// <summary>Chain of blocks that were returned.</summary>
        public byte* Free;
        public int SizeClass;
        public int Size;

        /// <summary>Where the part begins that was never cut.</summary>
        public int Untouched;
        public int Live;

        public readonly bool IsFull => Free is null && Untouched + Size > SlabBytes;
    }
}
