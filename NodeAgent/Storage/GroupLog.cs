using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// The persisted log of one group as it stands in memory, whole between its first and last entry. The driver changes it on the raft loop thread after the
/// store has committed the same change; it bounds <see cref="BytesHeld"/> by truncation. One thread.
/// </summary>
internal sealed class GroupLog : ILogReader
{
    /// <summary>Bookkeeping counted per entry beside its data.</summary>
    public const int EntryOverheadBytes = 48;

    // Invariant: entries[head + i].Index == FirstIndex + i; what is before head was truncated and waits for the list to be compacted.
    private readonly List<Entry> entries = [];
    private int head;
    private ulong termBefore;

    /// <summary>An empty log behind a snapshot mark.</summary>
    public GroupLog(HardState hardState, SnapshotMark snapshot)
    {
        InitialHardState = hardState;
        Snapshot = snapshot;
        FirstIndex = snapshot.Index + 1;
        termBefore = snapshot.Term;
    }

    /// <inheritdoc/>
    public HardState InitialHardState { get; private set; }

    /// <inheritdoc/>
    public ConfigurationState InitialConfiguration => Snapshot.Configuration;

    /// <inheritdoc/>
    public SnapshotMark Snapshot { get; private set; }

    /// <inheritdoc/>
    public ulong FirstIndex { get; private set; }

    /// <inheritdoc/>
    public ulong LastIndex => FirstIndex + (ulong)Count - 1;

    /// <summary>Entries held.</summary>
    public int Count => entries.Count - head;

    /// <summary>Bytes of data of the entries held, plus <see cref="EntryOverheadBytes"/> each.</summary>
    public long BytesHeld { get; private set; }

    /// <inheritdoc/>
    public ulong? TermOf(ulong index)
    {
        if (index + 1 == FirstIndex)
        {
            return termBefore;
        }

        return index < FirstIndex || index > LastIndex ? null : At(index).Term;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Entry> Read(ulong from, ulong to, long maxBytes)
    {
        if (from < FirstIndex || from > LastIndex)
        {
            return [];
        }

        var end = Math.Min(to, LastIndex + 1);
        var read = new List<Entry>();
        var bytes = 0L;
        for (var index = from; index < end; index++)
        {
            var entry = At(index);
            bytes += entry.Data.Length;
            if (bytes > maxBytes && read.Count > 0)
            {
                break;
            }

            read.Add(entry);
        }

        return read;
    }

    /// <summary>Takes over a hard state that was persisted.</summary>
    public void SetHardState(HardState hardState) => InitialHardState = hardState;

    /// <summary>Appends entries that were persisted, contiguous; a suffix from the first one's index on is replaced. They must neither leave a gap nor reach before <see cref="FirstIndex"/>.</summary>
    public void Append(IReadOnlyList<Entry> appended)
    {
        if (appended.Count == 0)
        {
            return;
        }

        var at = appended[0].Index;
        if (at < FirstIndex || at > LastIndex + 1)
        {
            throw new InvalidOperationException($"Entries from index {at} do not fit a log of {FirstIndex} to {LastIndex}.");
        }

        RemoveFrom(at);
        foreach (var entry in appended)
        {
            if (entry.Index != LastIndex + 1)
            {
                throw new InvalidOperationException($"Entry {entry.Index} does not follow entry {LastIndex}.");
            }

            entries.Add(entry);
            BytesHeld += entry.Data.Length + EntryOverheadBytes;
        }
    }

    /// <summary>Drops the entries before <paramref name="firstKept"/>, which is at most <see cref="LastIndex"/> + 1.</summary>
    public void TruncateBefore(ulong firstKept)
    {
        if (firstKept <= FirstIndex)
        {
            return;
        }

        termBefore = TermOf(firstKept - 1) ?? throw new InvalidOperationException($"Truncation before {firstKept} passes the end of the log at {LastIndex}.");
        while (FirstIndex < firstKept)
        {
            BytesHeld -= entries[head].Data.Length + EntryOverheadBytes;
            entries[head++] = default;
            FirstIndex++;
        }

        if (head > 64 && head > entries.Count / 2)
        {
            entries.RemoveRange(0, head);
            head = 0;
        }
    }

    /// <summary>Names a newer place from which a lagging follower starts; the entries stay.</summary>
    public void SetSnapshot(SnapshotMark mark) => Snapshot = mark;

    /// <summary>Forgets all entries and goes on behind a snapshot that was taken from the leader.</summary>
    public void Install(SnapshotMark mark)
    {
        entries.Clear();
        (head, BytesHeld) = (0, 0);
        (Snapshot, FirstIndex, termBefore) = (mark, mark.Index + 1, mark.Term);
    }

    /// <summary>Sets where an empty log begins when entries behind or before the snapshot mark were kept.</summary>
    internal void StartAt(ulong firstIndex, ulong term)
    {
        (FirstIndex, termBefore) = (firstIndex, term);
    }

    private Entry At(ulong index) => entries[head + (int)(index - FirstIndex)];

    private void RemoveFrom(ulong index)
    {
        for (var i = LastIndex; i >= index; i--)
        {
            BytesHeld -= At(i).Data.Length + EntryOverheadBytes;
            entries.RemoveAt(entries.Count - 1);
        }
    }
}
