namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// A value over <see cref="SegmentTable.LargeValueBytes"/> in a block of its own, immutable and counted, so that it can be sent without holding the segment's lock.
/// The table holds one reference, each <see cref="LargeValueLease"/> one.
/// </summary>
internal unsafe struct LargeValue
{
    private long capacity;
    private long length;
    private UInt128 hash;
    private int references;

    /// <summary>Where the bytes begin.</summary>
    private const int HeaderBytes = 64;

    /// <summary>Hash of the bytes, kept so that they need not be read again.</summary>
    public readonly UInt128 Hash => hash;

    /// <summary>Bytes rented for it.</summary>
    public readonly long Capacity => capacity;

    public readonly ReadOnlySpan<byte> Bytes
    {
        get
        {
            fixed (LargeValue* self = &this)
            {
                return new ReadOnlySpan<byte>((byte*)self + HeaderBytes, (int)length);
            }
        }
    }

    /// <summary>Copies a value into a block of its own, with one reference.</summary>
    public static LargeValue* Create(NativeArena arena, ReadOnlySpan<byte> bytes)
    {
        var block = arena.Rent(HeaderBytes + bytes.Length, out var capacity);
        var large = (LargeValue*)block;
        *large = new LargeValue { capacity = capacity, length = bytes.Length, hash = TableHash.OfValue(bytes), references = 1 };
        bytes.CopyTo(new Span<byte>(block + HeaderBytes, bytes.Length));
        return large;
    }

    /// <summary>Takes one more reference; the caller knows that one is held.</summary>
    public static void AddReference(LargeValue* large) => Interlocked.Increment(ref large->references);

    /// <summary>Gives one reference back; the last one frees the block. Any thread.</summary>
    public static void Release(NativeArena arena, LargeValue* large)
    {
        if (Interlocked.Decrement(ref large->references) == 0)
        {
            arena.Return((byte*)large, large->capacity);
        }
    }
}
