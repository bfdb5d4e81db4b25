using System.Buffers.Binary;
using System.Text.Json;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>
/// Writes a frame as <c>application/vnd.shardconsole.heatmap</c>: a header of 64 bytes, then sections (tag, length, body), little-endian.
/// Wire format, append-only, never renumber: a reader skips sections that it does not know.
/// </summary>
internal static class HeatmapFrameWriter
{
    /// <summary>Media type of the binary form.</summary>
    public const string MediaType = "application/vnd.shardconsole.heatmap";

    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 64;

    /// <summary>"SCHM", read as a little-endian number.</summary>
    public const uint Magic = 0x4D484353;

    /// <summary>Kind byte of a whole frame.</summary>
    public const byte Whole = 0;

    /// <summary>Kind byte of a frame that builds on an earlier one.</summary>
    public const byte Delta = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The whole frame as bytes.</summary>
    public static byte[] Write(HeatmapFrame frame)
    {
        var marks = JsonSerializer.SerializeToUtf8Bytes(frame.Marks, Json);
        var output = new MemoryStream(HeaderBytes + frame.Cells.Length + frame.Low.Length + frame.High.Length + (frame.Columns.Count * 20) + (frame.Rows.Count * 14) + marks.Length + 128);
        WriteHeader(output, frame, Whole);
        Section(output, "COLS", Columns(frame));
        Section(output, "ROWS", Rows(frame));
        Section(output, "SEGS", Shorts(frame.RowSegments));
        Section(output, "CELL", frame.Cells);
        Section(output, "QLOW", frame.Low);
        Section(output, "QHIG", frame.High);
        Section(output, "CSUM", Floats(frame.ColumnSums));
        Section(output, "RSUM", Floats(frame.RowSums));
        Section(output, "MARK", marks);
        return output.ToArray();
    }

    /// <summary>What changed since an earlier frame: all columns and sums, but rows and segments not at all, and cells and quantiles of the columns that are sent only.</summary>
    public static byte[] Write(HeatmapDelta delta)
    {
        var frame = delta.Next;
        var marks = JsonSerializer.SerializeToUtf8Bytes(frame.Marks, Json);
        var output = new MemoryStream(HeaderBytes + delta.Cells.Length + delta.Low.Length + delta.High.Length + (frame.Columns.Count * 22) + (frame.Rows.Count * 4) + marks.Length + 128);
        WriteHeader(output, frame, Delta);
        var id = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(id, delta.Base);
        Section(output, "BASE", id);
        Section(output, "COLS", Columns(frame));
        Section(output, "FROM", Shorts(delta.From));
        Section(output, "CELL", delta.Cells);
        Section(output, "QLOW", delta.Low);
        Section(output, "QHIG", delta.High);
        Section(output, "CSUM", Floats(frame.ColumnSums));
        Section(output, "RSUM", Floats(frame.RowSums));
        Section(output, "MARK", marks);
        return output.ToArray();
    }

    /// <summary>The same in JSON, for programs that do not read the binary form; values are decoded, null is "no data".</summary>
    public static byte[] WriteJson(HeatmapFrame frame)
    {
        var rows = frame.Rows.Count;
        double?[] Decode(byte[] cells, int column) =>
            [.. Enumerable.Range(0, rows).Select(r => frame.Mode == HeatmapMode.Error ? ErrorValue(frame.Scale, cells[(column * rows) + r]) : PlainValue(frame.Scale, cells[(column * rows) + r]))];

        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                frame.Sequence,
                frame.Epoch,
                frame.Now,
                forecastMadeAt = frame.ForecastMadeAt,
                mode = frame.Mode.ToString(),
                metric = frame.Metric.ToString(),
                frame.Marks.Unit,
                frame.FirstForecastColumn,
                columns = frame.Columns.Select((c, i) => new { c.Start, seconds = c.Span.TotalSeconds, c.Tier, kind = c.Kind == 0 ? "measured" : "forecast", sum = Finite(frame.ColumnSums[i]), values = Decode(frame.Cells, i) }),
                rows = frame.Rows.Select((r, i) => new { r.FirstSegment, r.Count, r.Shard, leader = r.Leader < frame.Marks.Nodes.Count ? frame.Marks.Nodes[r.Leader].Name : null, mean = Finite(frame.RowSums[i]) }),
                frame.Marks,
            },
            Json);
    }

    private static double? PlainValue(HeatmapScale scale, byte code) => code == HeatmapScale.NoData ? null : scale.Value(code);

    private static double? ErrorValue(HeatmapScale scale, byte code)
    {
        if (code == HeatmapScale.NoData)
        {
            return null;
        }

        var distance = Math.Abs(code - HeatmapScale.AsForecast);
        return Math.Sign(code - HeatmapScale.AsForecast) * scale.Value((byte)Math.Min(254, distance * 2));
    }

    private static double? Finite(float value) => float.IsFinite(value) ? value : null;

    private static void WriteHeader(MemoryStream output, HeatmapFrame frame, byte kind)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = 1;
        header[5] = kind;
        header[6] = (byte)frame.Metric;
        header[7] = (byte)frame.Mode;
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], frame.Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], frame.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], frame.Now.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], frame.ForecastMadeAt?.ToUnixTimeMilliseconds() ?? 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], (ushort)frame.Columns.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], (uint)frame.Rows.Count);
        BinaryPrimitives.WriteSingleLittleEndian(header[40..], (float)frame.Scale.Knee);
        BinaryPrimitives.WriteSingleLittleEndian(header[44..], (float)frame.Scale.Top);
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], (uint)frame.FirstForecastColumn);
        BinaryPrimitives.WriteUInt64LittleEndian(header[52..], HeatmapDelta.IdOf(frame));
        output.Write(header);
    }

    private static void Section(MemoryStream output, string tag, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[8];
        for (var i = 0; i < 4; i++)
        {
            head[i] = (byte)tag[i];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)body.Length);
        output.Write(head);
        output.Write(body);
    }

    private static byte[] Columns(HeatmapFrame frame)
    {
        var body = new byte[frame.Columns.Count * 16];
        for (var i = 0; i < frame.Columns.Count; i++)
        {
            var at = body.AsSpan(i * 16);
            var column = frame.Columns[i];
            BinaryPrimitives.WriteInt64LittleEndian(at, column.Start.ToUnixTimeMilliseconds());
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)column.Span.TotalSeconds);
            at[12] = column.Tier;
            at[13] = column.Kind;
        }

        return body;
    }

    private static byte[] Rows(HeatmapFrame frame)
    {
        var body = new byte[frame.Rows.Count * 8];
        for (var i = 0; i < frame.Rows.Count; i++)
        {
            var at = body.AsSpan(i * 8);
            var row = frame.Rows[i];
            BinaryPrimitives.WriteUInt16LittleEndian(at, row.FirstSegment);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], row.Count);
            BinaryPrimitives.WriteUInt16LittleEndian(at[4..], row.Shard);
            BinaryPrimitives.WriteUInt16LittleEndian(at[6..], row.Leader);
        }

        return body;
    }

    private static byte[] Shorts(ushort[] values)
    {
        var body = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(i * 2), values[i]);
        }

        return body;
    }

    private static byte[] Floats(float[] values)
    {
        var body = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(body.AsSpan(i * 4), values[i]);
        }

        return body;
    }
}
