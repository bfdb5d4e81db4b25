using System.Buffers.Binary;
using System.IO.Hashing;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>
/// What a reader who holds an earlier frame needs for the next one: for each of its columns the earlier column that it equals, and the cells of the others.
/// Both frames have the same rows and the same scale, so that a cell's byte means the same in both.
/// </summary>
/// <param name="Base">Id of the earlier frame.</param>
/// <param name="Next">The next frame; its cells and quantiles are not sent as a whole.</param>
/// <param name="From">For each column of the next frame the column of the earlier one; <see cref="Sent"/>: its cells are in this delta.</param>
/// <param name="Cells">Cells of the columns that are sent, in their order.</param>
/// <param name="Low">10th percentiles of the forecast columns that are sent.</param>
/// <param name="High">90th percentiles likewise.</param>
internal sealed record HeatmapDelta(ulong Base, HeatmapFrame Next, ushort[] From, byte[] Cells, byte[] Low, byte[] High)
{
    /// <summary>In <see cref="From"/>: the column is sent.</summary>
    public const ushort Sent = ushort.MaxValue;

    /// <summary>Names a frame by what a delta builds on: rows, scale, columns and their cells. Wire value of the header.</summary>
    public static ulong IdOf(HeatmapFrame frame)
    {
        var hash = new XxHash64();
        Span<byte> number = stackalloc byte[8];
        void Add(long value, Span<byte> into)
        {
            BinaryPrimitives.WriteInt64LittleEndian(into, value);
            hash.Append(into);
        }

        Add(((long)frame.Metric << 32) | (byte)frame.Mode, number);
        Add(BitConverter.DoubleToInt64Bits(frame.Scale.Top), number);
        Add(frame.FirstForecastColumn, number);
        foreach (var column in frame.Columns)
        {
            Add(column.Start.ToUnixTimeMilliseconds(), number);
            Add(((long)column.Span.TotalSeconds << 16) | ((uint)column.Tier << 8) | column.Kind, number);
        }

        foreach (var row in frame.Rows)
        {
            Add(((long)row.FirstSegment << 48) | ((long)row.Count << 32) | ((long)row.Shard << 16) | row.Leader, number);
        }

        hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(frame.RowSegments.AsSpan()));
        hash.Append(frame.Cells);
        hash.Append(frame.Low);
        hash.Append(frame.High);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>The delta from one frame to another; null where rows, scale, metric or mode differ, or nothing would be saved: then the whole frame goes.</summary>
    public static HeatmapDelta? Of(HeatmapFrame before, HeatmapFrame next)
    {
        if (before.Metric != next.Metric || before.Mode != next.Mode || before.Scale != next.Scale || next.Columns.Count >= Sent
            || !before.Rows.SequenceEqual(next.Rows) || !before.RowSegments.AsSpan().SequenceEqual(next.RowSegments))
        {
            return null;
        }

        var known = new Dictionary<HeatmapColumn, int>(before.Columns.Count);
        for (var c = 0; c < before.Columns.Count; c++)
        {
            known[before.Columns[c]] = c;
        }

        var from = new ushort[next.Columns.Count];
        var (cells, low, high) = (new List<byte>(), new List<byte>(), new List<byte>());
        for (var c = 0; c < from.Length; c++)
        {
            if (known.TryGetValue(next.Columns[c], out var at) && IsSame(before, at, next, c))
            {
                from[c] = (ushort)at;
                continue;
            }

            from[c] = Sent;
            cells.AddRange(Column(next, next.Cells, c));
            if (c >= next.FirstForecastColumn)
            {
                low.AddRange(Column(next, next.Low, c - next.FirstForecastColumn));
                high.AddRange(Column(next, next.High, c - next.FirstForecastColumn));
            }
        }

        return from.All(f => f == Sent) && from.Length > 0 ? null : new HeatmapDelta(IdOf(before), next, from, [.. cells], [.. low], [.. high]);
    }

    /// <summary>Cells, low and high of the next frame as a reader puts them together from the earlier one. What the browser's module does too.</summary>
    public (byte[] Cells, byte[] Low, byte[] High) Apply(HeatmapFrame before)
    {
        var rows = Next.Rows.Count;
        var (cells, low, high) = (new byte[Next.Columns.Count * rows], new byte[(Next.Columns.Count - Next.FirstForecastColumn) * rows], new byte[(Next.Columns.Count - Next.FirstForecastColumn) * rows]);
        var (sent, sentAhead) = (0, 0);
        for (var c = 0; c < From.Length; c++)
        {
            var ahead = c - Next.FirstForecastColumn;
            var isSent = From[c] == Sent;
            (isSent ? (ReadOnlySpan<byte>)Cells.AsSpan(sent++ * rows, rows) : Column(before, before.Cells, From[c])).CopyTo(cells.AsSpan(c * rows));
            if (ahead < 0)
            {
                continue;
            }

            var at = isSent ? sentAhead++ : From[c] - before.FirstForecastColumn;
            (isSent ? (ReadOnlySpan<byte>)Low.AsSpan(at * rows, rows) : Column(before, before.Low, at)).CopyTo(low.AsSpan(ahead * rows));
            (isSent ? (ReadOnlySpan<byte>)High.AsSpan(at * rows, rows) : Column(before, before.High, at)).CopyTo(high.AsSpan(ahead * rows));
        }

        return (cells, low, high);
    }

    private static bool IsSame(HeatmapFrame before, int at, HeatmapFrame next, int c)
    {
        if (!Column(before, before.Cells, at).SequenceEqual(Column(next, next.Cells, c)))
        {
            return false;
        }

        // A column's kind is part of what names it, so both are forecast or neither is.
        var (old, now) = (at - before.FirstForecastColumn, c - next.FirstForecastColumn);
        return now < 0 ? old < 0
            : old >= 0 && Column(before, before.Low, old).SequenceEqual(Column(next, next.Low, now)) && Column(before, before.High, old).SequenceEqual(Column(next, next.High, now));
    }

    private static ReadOnlySpan<byte> Column(HeatmapFrame frame, byte[] plane, int column) => plane.AsSpan(column * frame.Rows.Count, frame.Rows.Count);
}
