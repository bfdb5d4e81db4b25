using System.IO.Hashing;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// The hashes of tables. Every replica computes the same, and replicas of different versions compare them: never change one without a new protocol version.
/// The seeds are fixed for that reason; they keep the hash apart from the slot's CRC, not from an adversary.
/// </summary>
internal static class TableHash
{
    private const long KeySeed = 0x53_68_61_72_64_43_6f_6e;
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;

    /// <summary>64 bits of a key: its high bits say the bucket, its order is the order of a scan.</summary>
    public static ulong OfKey(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key, KeySeed);

    /// <summary>128 bits of a value's bytes.</summary>
    public static UInt128 OfValue(ReadOnlySpan<byte> value) => XxHash128.HashToUInt128(value);

    /// <summary>The digest of one key: depends on key (by its hash), kind, value (by its hash and length) and expiry.</summary>
    public static UInt128 OfItem(ulong keyHash, ValueKind kind, UInt128 valueHash, int valueLength, long expiresAtMs)
    {
        var tie = Mix(keyHash + Prime1);
        tie = Mix(tie ^ (ulong)expiresAtMs);
        tie = Mix(tie ^ (((ulong)kind << 32) + (uint)valueLength));
        var low = Mix((ulong)valueHash ^ tie);
        var high = Mix((ulong)(valueHash >> 64) + (tie * Prime2) + low);
        return new UInt128(high, low);
    }

    /// <summary>The next of a row of well-mixed bits.</summary>
    public static ulong Next(ref ulong state) => Mix(state += Prime1);

    private static ulong Mix(ulong x)
    {
        x ^= x >> 32;
        x *= Prime2;
        x ^= x >> 29;
        x *= Prime3;
        return x ^ (x >> 32);
    }
}
