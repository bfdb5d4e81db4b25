namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Consecutive entries in memory, appended at the end and cut at both ends. Slices share the array and never change: an array element that a slice may
/// show is never written again; cutting the end copies, cutting the front moves a bound.
/// </summary>
internal sealed class EntryBuffer(ulong firstIndex)
{
    private Entry[] array = [];
    private int start;
    private int count;

    /// <summary>Index of the first entry, or of the next one where there is none.</summary>
    public ulong FirstIndex { get; private set; } = firstIndex;

    /// <summary>Index after the last entry.</summary>
    public ulong NextIndex => FirstIndex + (ulong)count;

    /// <summary>Number of entries.</summary>
    public int Count => count;

    /// <summary>The entry at <paramref name="index"/>, which must be held.</summary>
    public ref readonly Entry this[ulong index] => ref array[start + Offset(index)];

    /// <summary>Adds the next entry; its index must be <see cref="NextIndex"/>.</summary>
    public void Add(in Entry entry)
    {
        if (entry.Index != NextIndex)
        {
            throw new RaftInvariantException($"Entry {entry.Index} does not follow entry {NextIndex - 1}.");
        }

        if (start + count == array.Length)
        {
            Copy(count, Math.Max(16, count * 2));
        }

        array[start + count++] = entry;
    }

    /// <summary>Forgets everything from <paramref name="index"/> on.</summary>
    public void CutFrom(ulong index)
    {
        if (index < NextIndex)
        {
            Copy(index <= FirstIndex ? 0 : Offset(index), Math.Max(16, count));
        }
    }

    /// <summary>Forgets everything before <paramref name="index"/>, which is at most <see cref="NextIndex"/>.</summary>
    public void CutBefore(ulong index)
    {
        if (index <= FirstIndex)
        {
            return;
        }

        var cut = checked((int)(index - FirstIndex));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cut, count);
        start += cut;
        count -= cut;
        FirstIndex = index;
        if (count == 0)
        {
            // Slices keep the old array as long as they need it; this buffer must not.
            array = [];
            start = 0;
        }
        else if (start > 1024 && start > count)
        {
            Copy(count, count * 2);
        }
    }

    /// <summary>Forgets everything; the next entry is <paramref name="nextIndex"/>.</summary>
    public void Reset(ulong nextIndex)
    {
        array = [];
        start = 0;
        count = 0;
        FirstIndex = nextIndex;
    }

    /// <summary>Entries [from, to), both inside the buffer; at least one where from &lt; to, else at most <paramref name="maxBytes"/> of data.</summary>
    public ArraySegment<Entry> Slice(ulong from, ulong to, long maxBytes)
    {
        var offset = start + Offset(from);
        var length = (int)(to - from);
        var bytes = 0L;
        for (var i = 0; i < length; i++)
        {
            bytes += array[offset + i].Data.Length;
            if (bytes > maxBytes && i > 0)
            {
                length = i;
            }
        }

        return new ArraySegment<Entry>(array, offset, length);
    }

    private int Offset(ulong index) =>
        index >= FirstIndex && index <= NextIndex ? (int)(index - FirstIndex) : throw new ArgumentOutOfRangeException(nameof(index), index, $"Entries {FirstIndex} to {NextIndex - 1} are held.");

    private void Copy(int keep, int capacity)
    {
        var next = new Entry[capacity];
        Array.Copy(array, start, next, 0, keep);
        (array, start, count) = (next, 0, keep);
    }
}
