using System.Runtime.CompilerServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// Layout of one key in a bucket's memory, in memory only: high half of the key's hash (4 bytes), key length 17 bits | kind 4 bits | has expiry | is large (4 bytes), value
/// length (4 bytes), where there is an expiry its place in the heap (4 bytes) and the expiry (8 bytes), key, value (a large one: address of its <see cref="LargeValue"/>).
/// Items begin at multiples of 8.
/// </summary>
internal static unsafe class TableItem
{
    private const int PlainHeaderBytes = 12;
    private const int ExpiryHeaderBytes = 24;
    private const uint KeyMask = (1u << 17) - 1;
    private const int KindShift = 17;
    private const uint ExpiryFlag = 1u << 21;
    private const uint LargeFlag = 1u << 22;

    public static int Size(int keyLength, int valueLength, bool expires, bool large) =>
        ((expires ? ExpiryHeaderBytes : PlainHeaderBytes) + keyLength + (large ? sizeof(nint) : valueLength) + 7) & ~7;

    public static int Size(byte* item) => Size(KeyLength(item), ValueLength(item), Expires(item), IsLarge(item));

    public static uint HashHigh(byte* item) => *(uint*)item;

    public static int KeyLength(byte* item) => (int)(*(uint*)(item + 4) & KeyMask);

    public static ValueKind Kind(byte* item) => (ValueKind)((*(uint*)(item + 4) >> KindShift) & 15);

    public static bool Expires(byte* item) => (*(uint*)(item + 4) & ExpiryFlag) != 0;

    public static bool IsLarge(byte* item) => (*(uint*)(item + 4) & LargeFlag) != 0;

    public static int ValueLength(byte* item) => *(int*)(item + 8);

    /// <summary>Only where <see cref="Expires"/>.</summary>
    public static ref int HeapPlace(byte* item) => ref *(int*)(item + 12);

    public static long ExpiresAt(byte* item) => Expires(item) ? *(long*)(item + 16) : 0;

    public static ReadOnlySpan<byte> Key(byte* item) => new(KeyStart(item), KeyLength(item));

    public static ReadOnlySpan<byte> Value(byte* item) =>
        IsLarge(item) ? Large(item)->Bytes : new(KeyStart(item) + KeyLength(item), ValueLength(item));

    public static LargeValue* Large(byte* item) => Unsafe.ReadUnaligned<LargePointer>(KeyStart(item) + KeyLength(item)).Value;

    public static StoredValue Stored(byte* item) => new(Kind(item), Value(item), ExpiresAt(item));

    public static UInt128 ValueHash(byte* item) => IsLarge(item) ? Large(item)->Hash : TableHash.OfValue(Value(item));

    public static UInt128 Digest(byte* item, ulong hash) => TableHash.OfItem(hash, Kind(item), ValueHash(item), ValueLength(item), ExpiresAt(item));

    /// <summary>Writes a whole item. Key and value may overlap memory of other items, not of this one.</summary>
    public static void Write(byte* item, ulong hash, ReadOnlySpan<byte> key, ValueKind kind, ReadOnlySpan<byte> value, LargeValue* large, long expiresAtMs)
    {
        *(uint*)item = (uint)(hash >> 32);
        *(uint*)(item + 4) = (uint)key.Length | ((uint)kind << KindShift) | (expiresAtMs != 0 ? ExpiryFlag : 0) | (large is not null ? LargeFlag : 0);
        *(int*)(item + 8) = value.Length;
        if (expiresAtMs != 0)
        {
            *(long*)(item + 16) = expiresAtMs;
        }

        var start = KeyStart(item);
        key.CopyTo(new Span<byte>(start, key.Length));
        if (large is not null)
        {
            Unsafe.WriteUnaligned(start + key.Length, new LargePointer { Value = large });
            return;
        }

        value.CopyTo(new Span<byte>(start + key.Length, value.Length));
    }

    /// <summary>Overwrites kind and value (which may overlap the old one) of an item whose size, expiry flag and large flag allow it.</summary>
    public static void Overwrite(byte* item, ValueKind kind, ReadOnlySpan<byte> value, LargeValue* large)
    {
        var start = KeyStart(item) + KeyLength(item);
        if (large is not null)
        {
            Unsafe.WriteUnaligned(start, new LargePointer { Value = large });
        }
        else
        {
            value.CopyTo(new Span<byte>(start, value.Length));
        }

        *(int*)(item + 8) = value.Length;
        *(uint*)(item + 4) = (*(uint*)(item + 4) & ~(15u << KindShift)) | ((uint)kind << KindShift);
    }

    /// <summary>Changes the expiry of an item that has one and keeps one.</summary>
    public static void SetExpiresAt(byte* item, long expiresAtMs) => *(long*)(item + 16) = expiresAtMs;

    private static byte* KeyStart(byte* item) => item + (Expires(item) ? ExpiryHeaderBytes : PlainHeaderBytes);

    private struct LargePointer
    {
        public LargeValue* Value;
    }
}
