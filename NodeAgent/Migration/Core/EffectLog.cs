using System.Buffers;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The effects of the entries that a source applied to one segment, as its table was seen to change, until the target has them. Bounded: when it overflows it begins again
/// at the newest index, and the stream has to restart there.
/// </summary>
internal sealed class EffectLog(ulong startIndex, int maxEntries, long maxBytes) : ITableObserver
{
    private readonly Queue<Recorded> entries = new();
    private readonly ArrayBufferWriter<byte> current = new(256);

    /// <summary>A target whose cursor stands here gets everything that follows.</summary>
    public ulong StartIndex { get; private set; } = startIndex;

    /// <summary>Index of the newest recorded entry, or <see cref="StartIndex"/>.</summary>
    public ulong LastIndex { get; private set; } = startIndex;

    /// <summary>Bytes of effects held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries held.</summary>
    public int Count => entries.Count;

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
        entries.Enqueue(recorded);
        Bytes += recorded.Effects.Length;
        LastIndex = index;
        if (entries.Count > maxEntries || Bytes > maxBytes)
        {
            entries.Clear();
            Bytes = 0;
            StartIndex = index;
            Overflows++;
        }
    }

    /// <summary>Forgets what a target at <paramref name="index"/> already has.</summary>
    public void TrimTo(ulong index)
    {
        while (entries.TryPeek(out var first) && first.Index <= index)
        {
            Bytes -= first.Effects.Length;
            StartIndex = first.Index;
            entries.Dequeue();
        }
    }

    /// <summary>True when everything after <paramref name="index"/> is still held.</summary>
    public bool Reaches(ulong index) => index >= StartIndex;

    /// <summary>The entries after <paramref name="index"/>, as many as fit into maxBytes (at least one), as one message. Null where there is none. Needs <see cref="Reaches"/>.</summary>
    public StreamEffects? After(ulong index, long timeMs, int maxBytes)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        var (last, count) = (index, 0);
        foreach (var entry in entries)
        {
            if (entry.Index <= index)
            {
                continue;
            }

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

    private readonly record struct Recorded(ulong Index, byte[] Effects);
}
