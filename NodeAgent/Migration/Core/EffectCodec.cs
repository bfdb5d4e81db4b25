using System.Buffers;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What an effect does. Persisted and on the wire, append-only, never renumber.</summary>
internal enum EffectKind : byte
{
    Set = 1,
    Remove = 2,
    Clear = 3,
}

/// <summary>Effects one behind the other: kind; key; for Set also value kind, expiry, value.</summary>
internal static class EffectCodec
{
    /// <summary>Longest key or value that is read.</summary>
    public const int MaxBytes = SizeLimit;

    private const int SizeLimit = 512 << 20;

    public static void Set(IBufferWriter<byte> to, ReadOnlySpan<byte> key, in StoredValue value)
    {
        to.U8((byte)EffectKind.Set);
        to.Bytes(key);
        to.U8((byte)value.Kind);
        to.I64(value.ExpiresAtMs);
        to.Bytes(value.Bytes);
    }

    public static void Remove(IBufferWriter<byte> to, ReadOnlySpan<byte> key)
    {
        to.U8((byte)EffectKind.Remove);
        to.Bytes(key);
    }

    public static void Clear(IBufferWriter<byte> to) => to.U8((byte)EffectKind.Clear);

    /// <summary>True when the bytes are whole effects; with <paramref name="onlySets"/>, sets only.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> effects, bool onlySets)
    {
        var reader = new WireReader(effects);
        while (!reader.AtEnd && !reader.Failed)
        {
            var kind = (EffectKind)reader.U8();
            if (kind is not (EffectKind.Set or EffectKind.Remove or EffectKind.Clear) || (onlySets && kind != EffectKind.Set))
            {
                return false;
            }

            if (kind != EffectKind.Clear)
            {
                reader.Bytes(SizeLimit);
            }

            if (kind == EffectKind.Set)
            {
                reader.U8();
                reader.I64();
                reader.Bytes(SizeLimit);
            }
        }

        return !reader.Failed;
    }

    /// <summary>Carries effects out on a table: those of keys whose bucket the cursor holds, and every Clear. Never decides an expiry.</summary>
    /// <exception cref="InvalidDataException">The bytes are not whole effects.</exception>
    public static void Apply(ReadOnlySpan<byte> effects, SegmentTable table, ImportCursor cursor)
    {
        var reader = new WireReader(effects);
        while (!reader.AtEnd && !reader.Failed)
        {
            var kind = (EffectKind)reader.U8();
            if (kind == EffectKind.Clear)
            {
                table.Clear();
                continue;
            }

            var key = reader.Bytes(SizeLimit);
            var held = !reader.Failed && cursor.Holds(SegmentTable.BucketOf(key, cursor.BucketCount));
            if (kind == EffectKind.Remove)
            {
                if (held)
                {
                    table.Remove(key);
                }

                continue;
            }

            var valueKind = (ValueKind)reader.U8();
            var expiresAtMs = reader.I64();
            var value = reader.Bytes(SizeLimit);
            if (held && !reader.Failed)
            {
                table.Set(key, valueKind, value, expiresAtMs);
            }
        }

        if (reader.Failed)
        {
            throw new InvalidDataException($"{effects.Length} bytes of effects end in the middle of one: the entry was checked before it was proposed, so it is damaged.");
        }
    }
}
