namespace ShardConsole.NodeAgent.Storage;

/// <summary>Walks over the items of a bucket. They read only; the visitor must not change the table.</summary>
internal unsafe partial struct TableBucket
{
    private const int RunOnStack = 64;

    /// <summary>Visits all items in the order of the index; true when the visitor ended the walk.</summary>
    public readonly bool Visit(KeyVisitor visit)
    {
        for (var place = 0; place < Places; place++)
        {
            var item = At(place);
            if (item is not null && !visit(TableItem.Key(item), TableItem.Stored(item)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Visits the items with hashes from .. to, both inclusive and inside the bucket, in the order of the hash, until at least <paramref name="left"/> were visited. True when it
    /// ended before the bucket did; then <paramref name="next"/> is the hash at which to go on (0: it was the last one of all). Keys of one hash are never parted,
    /// unless the visitor ends the walk between them: then they are met again.
    /// </summary>
    public readonly bool VisitInOrder(ulong from, ulong to, int level, KeyVisitor visit, ref int left, out ulong next)
    {
        next = 0;
        if (Count == 0)
        {
            return false;
        }

        Span<(ulong Hash, int Place)> onStack = stackalloc (ulong, int)[RunOnStack];
        var place = Home((uint)(from >> 32), level);
        while (place < Places)
        {
            if (index[place] == 0)
            {
                place++;
                continue;
            }

            var run = Run(ref place, onStack);
            if (run[0].Hash > to)
            {
                return false;
            }

            for (var i = 0; i < run.Length; i++)
            {
                var (hash, at) = run[i];
                if (hash < from || hash > to)
                {
                    continue;
                }

                var item = At(at);
                var goOn = visit(TableItem.Key(item), TableItem.Stored(item));
                left--;
                var parts = i + 1 < run.Length && run[i + 1].Hash == hash;
                if (!goOn || (left <= 0 && !parts))
                {
                    next = parts ? hash : hash + 1;
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The items from a place up to the next empty one, ascending by hash; the place becomes that empty one.</summary>
    private readonly Span<(ulong Hash, int Place)> Run(ref int place, Span<(ulong Hash, int Place)> onStack)
    {
        var end = place;
        while (index[end] != 0)
        {
            end++;
        }

        var length = end - place;
        var run = length <= onStack.Length ? onStack[..length] : new (ulong, int)[length];
        for (var i = 0; i < length; i++)
        {
            run[i] = (TableHash.OfKey(TableItem.Key(At(place + i))), place + i);
        }

        run.Sort(static (a, b) => a.Hash.CompareTo(b.Hash));
        place = end;
        return run;
    }
}
