using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>One row of the log table. <paramref name="Last"/> is the last entry that later rows did not replace, <paramref name="LastTerm"/> its term (null: must be read).</summary>
internal readonly record struct LogRow(long Sequence, ulong First, ulong Last, ulong? LastTerm);

/// <summary>What the writer must know of a group without reading: which rows hold its log. Follows the database; read anew when a transaction failed.</summary>
internal sealed class GroupRows
{
    /// <summary>Ascending by sequence and by first entry; Last of one is below First of the next.</summary>
    public List<LogRow> Rows { get; } = [];

    /// <summary>As last written.</summary>
    public HardState HardState { get; set; }

    /// <summary>Last entry at the time when the hard state was last written; the log must reach it.</summary>
    public ulong LastRecorded { get; set; }

    /// <summary>Index of the snapshot mark: the log reaches back at least to the entry behind it.</summary>
    public ulong SnapshotIndex { get; set; }

    /// <summary>Entries before this one are gone, also where a row still holds them.</summary>
    public ulong FirstKept { get; private set; } = 1;

    /// <summary>Term of entry <see cref="FirstKept"/> - 1.</summary>
    public ulong TermBefore { get; private set; }

    /// <summary>Last entry; FirstKept - 1 where there is none.</summary>
    public ulong Last => Rows.Count == 0 ? FirstKept - 1 : Rows[^1].Last;

    /// <summary>Where the log begins.</summary>
    public void StartAt(ulong firstKept, ulong termBefore) => (FirstKept, TermBefore) = (firstKept, termBefore);

    /// <summary>Adds a row behind all others; rows or ends of rows that it replaces are dropped, whole ones handed to <paramref name="dropped"/>.</summary>
    public void Add(in LogRow row, Action<long>? dropped)
    {
        while (Rows.Count > 0 && Rows[^1].First >= row.First)
        {
            dropped?.Invoke(Rows[^1].Sequence);
            Rows.RemoveAt(Rows.Count - 1);
        }

        if (Rows.Count > 0 && Rows[^1].Last >= row.First)
        {
            Rows[^1] = Rows[^1] with { Last = row.First - 1, LastTerm = null };
        }

        Rows.Add(row);
    }

    /// <summary>Drops the rows that lie wholly before the first kept entry.</summary>
    public void DropBefore(ulong firstKept, Action<long> dropped)
    {
        var count = Rows.FindIndex(r => r.Last >= firstKept);
        count = count < 0 ? Rows.Count : count;
        for (var i = 0; i < count; i++)
        {
            dropped(Rows[i].Sequence);
        }

        Rows.RemoveRange(0, count);
    }
}
