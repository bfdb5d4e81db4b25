using System.IO.Compression;
using System.Text;
using ShardConsole.ControlPlane.Replay;

namespace ShardConsole.Unit.Replay;

public sealed class LogReaderTests
{
    private static readonly DateTimeOffset At = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("2024-01-02T03:04:05Z,k,GET")]
    [InlineData("2024-01-02T03:04:05.000Z,k,get")]
    [InlineData("2024-01-02T05:04:05+02:00,k,HEAD")]
    [InlineData("2024-01-02 03:04:05,k,anything")]
    [InlineData("1704164645,k,GET")]
    [InlineData("1704164645.0,k,GET")]
    [InlineData("1704164645000,k,GET")]
    [InlineData("1704164645000000,k,GET")]
    [InlineData("1704164645000000000,k,GET,more,fields")]
    [InlineData("\"2024-01-02T03:04:05Z\",\"k\",\"GET\"\r")]
    public void Every_way_to_write_a_read_is_understood(string line) => Assert.Equal([new LoggedRequest(At, "k", false)], Read(line).Rows);

    [Theory]
    [InlineData("SET")]
    [InlineData("write")]
    [InlineData("POST")]
    [InlineData("Incr")]
    public void Operations_that_change_a_key_are_writes(string op) => Assert.Equal([new LoggedRequest(At, "k", true)], Read($"1704164645,k,{op}").Rows);

    [Fact]
    public void A_heading_names_the_columns_in_any_order()
    {
        var (rows, reader) = Read("op,size,Key,time\nSET,3,\"a,\"\"b\"\"\",1704164645\n");

        Assert.Equal([new LoggedRequest(At, "a,\"b\"", true)], rows);
        Assert.Equal((1L, 0L), (reader.Rows, reader.Rejected));
    }

    [Theory]
    [InlineData("session")]
    [InlineData("Client")]
    [InlineData("connection")]
    public void A_column_may_name_the_client(string column) =>
        Assert.Equal([new LoggedRequest(At, "k", false, "c7"), new LoggedRequest(At, "k", false)], Read($"timestamp,key,op,{column}\n1704164645,k,GET,c7\n1704164645,k,GET\n").Rows);

    [Fact]
    public void A_gzip_file_is_recognised_by_its_beginning()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write("timestamp,key,op\n1704164645,k,GET\n"u8);
        }

        packed.Position = 0;
        using var reader = new LogReader(packed);
        Assert.Equal([new LoggedRequest(At, "k", false)], reader.Read());
        Assert.Null(reader.Failure);
    }

    [Fact]
    public void A_damaged_gzip_file_is_said_to_be_so()
    {
        using var reader = new LogReader(new MemoryStream([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Empty(reader.Read());
        Assert.StartsWith("The gzip data are damaged", reader.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_lines_are_counted_and_the_first_kept_with_line_and_reason()
    {
        var (rows, reader) = Read($"1704164645,k,GET\nx,k,GET\n1704164645,,GET\n1704164645,k,\n1704164645,k\n\n1704164645,\"k,GET\n1704164645,{new string('k', 70_000)},GET\n1704164646,z,GET");

        Assert.Equal(["k", "z"], rows.Select(r => r.Key));
        Assert.Equal((2L, 6L), (reader.Rows, reader.Rejected));
        Assert.Equal(
            [
                "line 2: the timestamp is neither ISO 8601 nor Unix time of the years 1970 to 2100: x,k,GET",
                "line 3: the key is empty: 1704164645,,GET",
                "line 4: the operation is empty: 1704164645,k,",
                "line 5: 2 fields instead of 3: 1704164645,k",
                "line 7: a quote is not closed: 1704164645,\"k,GET",
                $"line 8: longer than 65536 characters: 1704164645,{new string('k', 109)}",
            ],
            reader.FirstRejected);
        Assert.Null(reader.Failure);
    }

    [Fact]
    public void No_more_than_twenty_bad_lines_are_kept()
    {
        var (_, reader) = Read("1704164645,k,GET\n" + string.Concat(Enumerable.Repeat("bad\n", 50)));
        Assert.Equal((50L, 20), (reader.Rejected, reader.FirstRejected.Count));
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("timestamp,key,op\n", "The file is empty.")]
    [InlineData("hello\nworld\n", "No line of the file is timestamp,key,op: this is no CSV of requests. First: line 1: 1 fields instead of 3: hello")]
    public void A_file_without_any_request_fails_clearly(string text, string failure) => Assert.Equal(failure, Read(text).Reader.Failure);

    [Fact]
    public void A_long_file_that_is_no_csv_is_given_up_early()
    {
        var (_, reader) = Read(string.Concat(Enumerable.Repeat("no csv\n", 5000)));
        Assert.StartsWith("None of the first 1000 lines", reader.Failure, StringComparison.Ordinal);
        Assert.Equal(1000, reader.Rejected);
    }

    private static (List<LoggedRequest> Rows, LogReader Reader) Read(string text)
    {
        using var reader = new LogReader(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        return ([.. reader.Read()], reader);
    }
}
