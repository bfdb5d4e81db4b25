namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// A log in memory: the whole stable log of a test or simulation, or the cache that the storage layer keeps of what it has on disk.
/// Call it in the order of <see cref="Ready"/>: hard state, snapshot, entries.
/// </summary>
internal sealed class MemoryLog : ILogReader
{
    private readonly EntryBuffer entries = new(1);
    private ulong previousTerm;

    /// <summary>An empty log: nobody votes, or <paramref name="snapshot"/> says who.</summary>
    public MemoryLog(SnapshotMark? snapshot = null)
    {
        if (snapshot is not null)
        {
            ApplySnapshot(snapshot);
            InitialHardState = new HardState(snapshot.Term, 0, snapshot.Index);
        }
    }

    /// <inheritdoc/>
    public HardState InitialHardState { get; private set; }

    /// <inheritdoc/>
    public ConfigurationState InitialConfiguration { get; set; } = ConfigurationState.Empty;

    /// <inheritdoc/>
    public ulong FirstIndex => entries.FirstIndex;

    /// <inheritdoc/>
    public ulong LastIndex => entries.NextIndex - 1;

    /// <summary>Sum of the data of the entries that are held, in bytes.</summary>
    public long SizeBytes { get; private set; }

    /// <inheritdoc/>
    public SnapshotMark Snapshot { get; private set; } = SnapshotMark.None;

    /// <inheritdoc/>
    public ulong? TermOf(ulong index)
    {
        if (index == FirstIndex - 1)
        {
            return previousTerm;
        }

        return index >= FirstIndex && index <= LastIndex ? entries[index].Term : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Entry> Read(ulong from, ulong to, long maxBytes) =>
        entries.Slice(from, Math.Max(from, Math.Min(to, LastIndex + 1)), maxBytes);

    /// <summary>Takes over a hard state.</summary>
    public void SetHardState(HardState state) => InitialHardState = state;

    /// <summary>Appends; the first entry may lie inside the log, whose rest it replaces. Entries before <see cref="FirstIndex"/> are skipped.</summary>
    public void Append(IReadOnlyList<Entry> added)
    {
        for (var i = 0; i < added.Count; i++)
        {
            var entry = added[i];
            if (entry.Index < FirstIndex)
            {
                continue;
            }

            CutFrom(entry.Index);
            entries.Add(entry);
            SizeBytes += entry.Data.Length;
        }
    }

    /// <summary>Forgets entries up to and with <paramref name="index"/>, which is at most <see cref="LastIndex"/>. The snapshot mark must be kept at or behind it: see <see cref="SetSnapshot"/>.</summary>
    public void CompactTo(ulong index)
    {
        if (index < FirstIndex)
        {
            return;
        }

        previousTerm = TermOf(index) ?? throw new ArgumentOutOfRangeException(nameof(index), index, $"The log ends at {LastIndex}.");
        for (var i = FirstIndex; i <= index; i++)
        {
            SizeBytes -= entries[i].Data.Length;
        }

        entries.CutBefore(index + 1);
    }

    /// <summary>Names the newest snapshot that a follower could be given; the log stays.</summary>
    public void SetSnapshot(SnapshotMark mark) => Snapshot = mark;

    /// <summary>Replaces the whole log by a snapshot.</summary>
    public void ApplySnapshot(SnapshotMark mark)
    {
        Snapshot = mark;
        InitialConfiguration = mark.Configuration;
        previousTerm = mark.Term;
        SizeBytes = 0;
        entries.Reset(mark.Index + 1);
    }

    private void CutFrom(ulong index)
    {
        for (var i = index; i <= LastIndex; i++)
        {
            SizeBytes -= entries[i].Data.Length;
        }

        entries.CutFrom(index);
    }
}
