using System.Runtime.Intrinsics.X86;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Where a key stands.</summary>
internal unsafe partial struct TableBucket
{
    private const int CacheLineBytes = 64;

    /// <summary>The item at a place of the index; null where it is empty.</summary>
    public readonly byte* At(int place) => index[place] == 0 ? null : data + ((long)(index[place] & OffsetMask) << UnitShift);

    /// <summary>The first place at which an item of this hash can stand. <paramref name="level"/> bits of the hash are the bucket's own.</summary>
    public readonly int Home(uint hashHigh, int level) => (int)((hashHigh << level) >> (32 - indexBits));

    /// <summary>The place of a key, or -1.</summary>
    public readonly int Find(ulong hash, ReadOnlySpan<byte> key, int level)
    {
        if (Count == 0)
        {
            return -1;
        }

        var high = (uint)(hash >> 32);
        var tag = (uint)(hash & 0xff) << 24;
        for (var place = Home(high, level); index[place] != 0; place++)
        {
            if ((index[place] & ~OffsetMask) == tag)
            {
                var item = At(place);
                if (Sse.IsSupported)
                {
                    // The value most often begins on the next line; it is wanted as soon as the key is known to be equal.
                    Sse.Prefetch0(item + CacheLineBytes);
                }

                if (TableItem.HashHigh(item) == high && TableItem.Key(item).SequenceEqual(key))
                {
                    return place;
                }
            }
        }

        return -1;
    }

    /// <summary>Fetches the first item that may be the key's, and what follows it. Where <see cref="Sse"/> is supported.</summary>
    public readonly void Prefetch(ulong hash, int level)
    {
        if (Count == 0)
        {
            return;
        }

        var tag = (uint)(hash & 0xff) << 24;
        for (var place = Home((uint)(hash >> 32), level); index[place] != 0; place++)
        {
            if ((index[place] & ~OffsetMask) == tag)
            {
                var item = At(place);
                Sse.Prefetch0(item);
                Sse.Prefetch0(item + CacheLineBytes);
                return;
            }
        }
    }
}
