using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Dashboard;

/// <summary>Builds frames of 64 segments in two shards and reads the bytes as the browser does.</summary>
public sealed class HeatmapFrameTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 19, 2, 10, 0, TimeSpan.Zero);

    [Fact]
    public void The_bytes_say_what_went_in()
    {
        var frame = HeatmapBuilder.Build(Input(HeatmapView.Default, 64));
        var bytes = HeatmapFrameWriter.Write(frame);
        var sections = Sections(bytes);

        Assert.Equal("SCHM", Encoding.ASCII.GetString(bytes, 0, 4));
        Assert.Equal((1, 0, (int)LoadMetric.Cpu, 0), (bytes[4], bytes[5], bytes[6], bytes[7]));
        Assert.Equal(Now.ToUnixTimeMilliseconds(), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)));
        Assert.Equal((3, 64u, 2u), (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(32)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(36)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(48))));
        Assert.Equal(["COLS", "ROWS", "SEGS", "CELL", "QLOW", "QHIG", "CSUM", "RSUM", "MARK"], sections.Keys);
        Assert.Equal(bytes.Length, HeatmapFrameWriter.HeaderBytes + sections.Sum(s => s.Value.Length + 8));

        var knee = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(40));
        var top = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(44));
        for (var c = 0; c < 3; c++)
        {
            for (var s = 0; s < 64; s++)
            {
                var expected = Value(c, s);
                var code = sections["CELL"][(c * 64) + s];
                if (float.IsNaN(expected))
                {
                    Assert.Equal(HeatmapScale.NoData, code);
                    continue;
                }

                var decoded = knee * (Math.Exp(code / 254.0 * Math.Log(1 + (top / knee))) - 1);
                Assert.InRange(decoded, Math.Min(expected, top) * 0.98, (Math.Min(expected, top) * 1.02) + knee);
            }
        }

        Assert.Equal(Enumerable.Range(0, 64).Where(s => s != 3).Sum(s => s + 1f), BinaryPrimitives.ReadSingleLittleEndian(sections["CSUM"]), 1f);
        Assert.Equal(64, sections["QLOW"].Length);
    }

    [Fact]
    public void Rows_are_folded_to_the_height_and_keep_the_highest_value()
    {
        var frame = HeatmapBuilder.Build(Input(HeatmapView.Default with { Order = HeatmapOrder.Shard }, 10));
        Assert.Equal(10, frame.Rows.Count);
        Assert.Equal(64, frame.Rows.Sum(r => r.Count));
        var (at, r) = (0, 0);
        foreach (var row in frame.Rows)
        {
            var segments = frame.RowSegments.Skip(at).Take(row.Count).ToArray();
            Assert.Equal(frame.Scale.Code(segments.Max(s => Value(1, s))), frame.Cells[10 + r]);
            (at, r) = (at + row.Count, r + 1);
        }
    }

    [Fact]
    public void A_view_of_a_node_keeps_only_what_it_leads_and_of_a_span_only_its_segments()
    {
        Assert.Equal(Enumerable.Range(32, 32).Select(s => (ushort)s), HeatmapBuilder.Build(Input(HeatmapView.Default with { Node = "n2" }, 64)).RowSegments);
        Assert.Equal([10, 11, 12], HeatmapBuilder.Build(Input(HeatmapView.Default with { FirstSegment = 10, LastSegment = 12 }, 64)).RowSegments);
        Assert.Empty(HeatmapBuilder.Build(Input(HeatmapView.Default with { Node = "n9" }, 64)).RowSegments);
    }

    [Fact]
    public void Rows_of_shards_carry_sums()
    {
        var frame = HeatmapBuilder.Build(Input(HeatmapView.Default with { Rows = HeatmapRows.Shards }, 64));
        Assert.Equal([1, 2], frame.Rows.Select(r => (int)r.Shard));
        Assert.Equal(frame.Scale.Code(Enumerable.Range(32, 32).Sum(s => Value(1, s))), frame.Cells[(1 * 2) + 1]);
    }

    [Fact]
    public void An_error_is_measured_minus_forecast_and_the_future_is_empty()
    {
        var input = Input(HeatmapView.Default with { Mode = HeatmapMode.Error }, 64);
        var frame = HeatmapBuilder.Build(input with { Forecasted = [Fill(s => Value(0, s) + (s == 5 ? 20 : s == 6 ? -20 : 0)), Fill(s => Value(1, s))] });
        Assert.Equal(HeatmapScale.AsForecast, frame.Cells[0]);
        Assert.True(frame.Cells[5] < HeatmapScale.AsForecast);
        Assert.True(frame.Cells[6] > HeatmapScale.AsForecast);
        Assert.Equal(HeatmapScale.NoData, frame.Cells[3]);
        Assert.All(frame.Cells[128..], c => Assert.Equal(HeatmapScale.NoData, c));
    }

    [Fact]
    public void A_hot_spot_is_marked_where_its_shard_peaks()
    {
        var input = Input(HeatmapView.Default, 64);
        var hot = input.Shards[1] with { Peak = 3000, PeakAt = Now, CrossesAt = Now.AddMinutes(5), Threshold = 2000 };
        var mark = Assert.Single(HeatmapBuilder.Build(input with { Shards = [input.Shards[0], hot] }).Marks.Hot);
        Assert.Equal(("s-02", 2, 2, 1.5), (mark.Shard, mark.Column0, mark.Column1, mark.PeakRatio));
        Assert.InRange(mark.Row0, 32, 63);
        Assert.Empty(HeatmapBuilder.Build(input).Marks.Hot);
        Assert.Empty(HeatmapBuilder.Build(input with { Shards = [hot with { PeakAt = Now.AddHours(3) }] }).Marks.Hot);
    }

    [Fact]
    public void The_json_form_has_the_same_cells()
    {
        var frame = HeatmapBuilder.Build(Input(HeatmapView.Default, 64));
        using var json = JsonDocument.Parse(HeatmapFrameWriter.WriteJson(frame));
        var column = json.RootElement.GetProperty("columns")[0];
        Assert.Equal("measured", column.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, column.GetProperty("values")[3].ValueKind);
        Assert.Equal(41, column.GetProperty("values")[40].GetDouble(), 1.0);
        Assert.Equal("n2", json.RootElement.GetProperty("rows")[40].GetProperty("leader").GetString());
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("a column came")]
    [InlineData("a value came late")]
    [InlineData("a quantile changed")]
    [InlineData("the forecast moved")]
    public void A_reader_who_applies_the_changes_has_the_whole_frame(string what)
    {
        var input = Input(HeatmapView.Default, 16);
        var before = HeatmapBuilder.Build(input, out var rows);
        var next = HeatmapBuilder.Build(Changed(input, what) with { Scale = before.Scale, Fold = rows });

        var delta = HeatmapDelta.Of(before, next)!;
        var bytes = HeatmapFrameWriter.Write(delta);
        var (cells, low, high) = Read(bytes, before);

        var applied = delta.Apply(before);
        Assert.Equal([next.Cells, next.Low, next.High], new[] { cells, low, high });
        Assert.Equal([next.Cells, next.Low, next.High], new[] { applied.Cells, applied.Low, applied.High });
        Assert.Equal(what == "nothing" ? 0 : 1, delta.From.Count(f => f == HeatmapDelta.Sent));
        Assert.Equal(HeatmapFrameWriter.Delta, bytes[5]);
        Assert.Equal(HeatmapDelta.IdOf(next), BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(52)));
        Assert.Equal(what == "nothing", HeatmapDelta.IdOf(next) == HeatmapDelta.IdOf(before));
        Assert.True(bytes.Length < HeatmapFrameWriter.Write(next).Length, "It is no smaller than the whole.");
    }

    [Fact]
    public void Where_rows_or_scale_differ_the_whole_frame_goes()
    {
        var before = HeatmapBuilder.Build(Input(HeatmapView.Default, 64));

        Assert.Null(HeatmapDelta.Of(before, before with { Scale = new HeatmapScale(7) }));
        Assert.Null(HeatmapDelta.Of(before, HeatmapBuilder.Build(Input(HeatmapView.Default, 10))));
        Assert.Null(HeatmapDelta.Of(before, before with { Metric = LoadMetric.Reads }));
        Assert.Null(HeatmapDelta.Of(before, before with { Columns = [.. before.Columns.Select(c => c with { Start = c.Start.AddHours(1) })] }));
    }

    [Fact]
    public void A_scale_stays_until_the_values_have_outgrown_it()
    {
        Assert.Equal(100, new HeatmapScale(109).OrKeep(new HeatmapScale(100)).Top);
        Assert.Equal(100, new HeatmapScale(70).OrKeep(new HeatmapScale(100)).Top);
        Assert.Equal(120, new HeatmapScale(120).OrKeep(new HeatmapScale(100)).Top);
        Assert.Equal(50, new HeatmapScale(50).OrKeep(new HeatmapScale(100)).Top);
        Assert.Equal(50, new HeatmapScale(50).OrKeep(null).Top);
    }

    private static HeatmapInput Changed(HeatmapInput input, string what)
    {
        var minute = TimeSpan.FromMinutes(1);
        return what switch
        {
            "a column came" => input with
            {
                Columns = [input.Columns[1], new(Now, minute, 0, 0), input.Columns[2]], Values = [input.Values[1], Fill(s => 3 * s), input.Values[2]], Now = Now + minute,
            },
            "a value came late" => input with { Values = [Fill(s => 1.5f * (s + 1)), input.Values[1], input.Values[2]] },
            "a quantile changed" => input with { High = [Fill(s => Value(2, s) * 1.6f)] },
            "the forecast moved" => input with { Columns = [input.Columns[0], input.Columns[1], input.Columns[2] with { Start = Now + minute }] },
            _ => input,
        };
    }

    // As the browser's module puts it together.
    private static (byte[] Cells, byte[] Low, byte[] High) Read(byte[] bytes, HeatmapFrame before)
    {
        var sections = Sections(bytes);
        Assert.Equal(HeatmapDelta.IdOf(before), BinaryPrimitives.ReadUInt64LittleEndian(sections["BASE"]));
        Assert.DoesNotContain("ROWS", sections.Keys);
        var (rows, columns, first) = (before.Rows.Count, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(32)), (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(48)));
        var (cells, low, high) = (new List<byte>(), new List<byte>(), new List<byte>());
        var (sent, ahead) = (0, 0);
        for (var c = 0; c < columns; c++)
        {
            var from = BinaryPrimitives.ReadUInt16LittleEndian(sections["FROM"].AsSpan(2 * c));
            var isSent = from == HeatmapDelta.Sent;
            cells.AddRange(isSent ? sections["CELL"].AsSpan(sent++ * rows, rows) : before.Cells.AsSpan(from * rows, rows));
            if (c >= first)
            {
                var at = isSent ? ahead++ : from - before.FirstForecastColumn;
                low.AddRange((isSent ? sections["QLOW"] : before.Low).AsSpan(at * rows, rows));
                high.AddRange((isSent ? sections["QHIG"] : before.High).AsSpan(at * rows, rows));
            }
        }

        return ([.. cells], [.. low], [.. high]);
    }

    private static float Value(int column, int segment) => segment == 3 && column == 0 ? float.NaN : (segment + 1f) * (column + 1);

    private static float[] Fill(Func<int, float> value) => [.. Enumerable.Range(0, 64).Select(value)];

    private static HeatmapInput Input(HeatmapView view, int rows)
    {
        NodeId[] ids = [new(1), new(2)];
        var map = new ShardMap
        {
            Epoch = 7,
            Owners = [.. Enumerable.Range(0, 64).Select(s => new ShardId((ushort)(1 + (s / 32))))],
            Shards = [new ShardInfo(new ShardId(1), [ids[0]], ids[0]), new ShardInfo(new ShardId(2), [ids[1]], ids[1])],
        };
        NodeRow[] nodes = [.. ids.Select((id, i) => new NodeRow(id, $"n{i + 1}", "", "alive", new NodeCapacity(1000, 0, 0, 0), new NodeUse(0, 0, 0, 0), [], [], [], "", 0, [], new Dictionary<string, int>()))];
        ShardRow[] shards = [.. ids.Select((id, i) => new ShardRow(new ShardId((ushort)(i + 1)), id, id, [id], 32, 0, 0, 0, 100, 500, null, 2000, null))];
        HeatmapColumn[] columns = [new(Now.AddMinutes(-2), TimeSpan.FromMinutes(1), 0, 0), new(Now.AddMinutes(-1), TimeSpan.FromMinutes(1), 0, 0), new(Now, TimeSpan.FromMinutes(5), 1, 1)];
        float[][] values = [Fill(s => Value(0, s)), Fill(s => Value(1, s)), Fill(s => Value(2, s))];
        return new HeatmapInput(view, rows, Now, 812, map, nodes, shards, columns, 2, values, [Fill(s => Value(2, s) * 0.8f)], [Fill(s => Value(2, s) * 1.2f)], Now, null, null, null, null);
    }

    private static Dictionary<string, byte[]> Sections(byte[] bytes)
    {
        var sections = new Dictionary<string, byte[]>();
        for (var at = HeatmapFrameWriter.HeaderBytes; at < bytes.Length;)
        {
            var size = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4));
            sections.Add(Encoding.ASCII.GetString(bytes, at, 4), bytes[(at + 8)..(at + 8 + size)]);
            at += 8 + size;
        }

        return sections;
    }
}
