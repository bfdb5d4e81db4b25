using System.Buffers;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The effects of the entries that a source applied to one segment, as its table was seen to change, until the target has them. Bounded: when it overflows it begins again
/// at the newest index, and the stream has to restart there.
/// </summary>
internal sealed class EffectLog(ulong startIndex, int maxEntries, long maxBytes) : ITableObserver
{
    private const int TrimBatch = 256;

    // Those before the first are trimmed: their places are given up in whole batches.
    private readonly List<Recorded> entries = [];
    private int first;

    private readonly ArrayBufferWriter<byte> current = new(256);

    /// <summary>A target whose cursor stands here gets everything that follows.</summary>
    public ulong StartIndex { get; private set; } = startIndex;

    /// <summary>Index of the newest recorded entry, or <see cref="StartIndex"/>.</summary>
    public ulong LastIndex { get; private set; } = startIndex;

    /// <summary>Bytes of effects held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries held.</summary>
    public int Count => entries.Count - first;

    /// <summary>How often it overflowed.</summary>
    public int Overflows { get; private set; }

    public void OnSet(ReadOnlySpan<byte> key, in StoredValue value) => EffectCodec.Set(current, key, value);

    public void OnRemove(ReadOnlySpan<byte> key) => EffectCodec.Remove(current, key);

    public void OnClear() => EffectCodec.Clear(current);

    /// <summary>Ends the recording of one applied entry; it may have had no effect.</summary>
    public void Close(ulong index)
    {
        var recorded = new Recorded(index, current.WrittenSpan.ToArray());
        current.ResetWrittenCount();
        entries.Add(recorded);
        Bytes += recorded.Effects.Length;
        LastIndex = index;
        if (Count > maxEntries || Bytes > maxBytes)
        {
            entries.Clear();
            (first, Bytes) = (0, 0);
            StartIndex = index;
            Overflows++;
        }
    }

    /// <summary>Forgets what a target at <paramref name="index"/> already has.</summary>
    public void TrimTo(ulong index)
    {
        var kept = FirstAfter(index);
        for (; first < kept; first++)
        {
            Bytes -= entries[first].Effects.Length;
            StartIndex = entries[first].Index;
            entries[first] = default;
        }

        if (first > TrimBatch && first > entries.Count / 2)
        {
            entries.RemoveRange(0, first);
            first = 0;
        }
    }

    /// <summary>True when everything after <paramref name="index"/> is still held.</summary>
    public bool Reaches(ulong index) => index >= StartIndex;

    /// <summary>The entries after <paramref name="index"/>, as many as fit into maxBytes (at least one), as one message. Null where there is none. Needs <see cref="Reaches"/>.</summary>
    public StreamEffects? After(ulong index, long timeMs, int maxBytes)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        var (last, count) = (index, 0);
        for (var at = FirstAfter(index); at < entries.Count; at++)
        {
            var entry = entries[at];
            if (count > 0 && bytes.WrittenCount + entry.Effects.Length > maxBytes)
            {
                break;
            }

            bytes.Write(entry.Effects);
            last = entry.Index;
            count++;
        }

        return count == 0 ? null : new StreamEffects(index, last, timeMs, count, bytes.WrittenMemory);
    }

    private int FirstAfter(ulong index)
    {
        var (low, high) = (first, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = entries[middle].Index <= index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private readonly record struct Recorded(ulong Index, byte[] Effects);
}
