using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.Unit.Resp;

public sealed class RespParserTests
{
    private const string Stream =
        "*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n" + "PING\r\n" + "\r\n" + "*0\r\n" + "*-1\r\n" + "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n"
        + "SET \"a b\\x41\\n\" 'it\\'s'\n" + "*1\r\n$4\r\nPING\r\n";

    private static readonly string[] Commands = ["GET|hello", "PING", "SET||a\r\nb", "SET|a bA\n|it's", "PING"];

    [Fact]
    public void Every_split_of_the_bytes_in_two_gives_the_same_commands()
    {
        for (var at = 0; at <= Stream.Length; at++)
        {
            Assert.Equal(Commands, Read([Stream[..at], Stream[at..]], out _));
        }
    }

    [Fact]
    public void Single_bytes_give_the_same_commands() => Assert.Equal(Commands, Read(Stream.Select(c => c.ToString()), out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_commands_in_random_pieces_come_back_as_they_were(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var commands = Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, 1 + random.Next(6)).Select(_ => RandomWord(random)).ToArray()).ToArray();
            var bytes = string.Concat(commands.Select(c => $"*{c.Length}\r\n" + string.Concat(c.Select(w => $"${w.Length}\r\n{w}\r\n"))));
            var pieces = new List<string>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, 1 + random.Next(20));
                pieces.Add(bytes.Substring(at, length));
                at += length;
            }

            Assert.Equal(commands.Select(c => string.Join('|', c)), Read(pieces, out var error));
            Assert.Null(error);
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Random_bytes_never_do_more_than_fail(int seed)
    {
        var random = new Random(seed);
        const string Alphabet = "*$0123456789-\r\n\"' \\xGET";
        for (var round = 0; round < 2000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var whole = Read([text], out var wholeError);
            var pieces = Read(text.Select(c => c.ToString()), out var piecesError);

            Assert.Equal(whole, pieces);
            Assert.Equal(wholeError, piecesError);
        }
    }

    [Theory]
    [InlineData("*abc\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*1048577\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*01\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*1\r\nGET\r\n", "Protocol error: expected '$', got 'G'")]
    [InlineData("*1\r\n$abc\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$-1\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$2049\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$:\r\n0123456789\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$01\r\nx\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$1:\r\n01234567890123456789\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$ 1\r\nx\r\n", "Protocol error: invalid bulk length")]
    [InlineData("SET \"a\r\n", "Protocol error: unbalanced quotes in request")]
    [InlineData("SET 'a'b\r\n", "Protocol error: unbalanced quotes in request")]
    public void Broken_bytes_get_redis_own_error(string bytes, string expected)
    {
        Read([bytes], out var error);

        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("*", "Protocol error: too big mbulk count string")]
    [InlineData("*1\r\n$", "Protocol error: too big bulk count string")]
    [InlineData("x", "Protocol error: too big inline request")]
    public void A_line_without_end_is_refused_at_the_limit(string start, string expected)
    {
        Read([start + new string('1', 1025)], out var error);

        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("*11\r\n", "Protocol error: unauthenticated multibulk length")]
    [InlineData("*1\r\n$1025\r\n", "Protocol error: unauthenticated bulk length")]
    public void Before_authentication_the_limits_are_small(string bytes, string expected)
    {
        var parser = new RespParser(Limits()) { Authenticated = false };

        Assert.Equal(ParseStatus.Error, parser.Parse(Encoding.ASCII.GetBytes(bytes)));
        Assert.Equal(expected, parser.Error);
    }

    [Fact]
    public void A_command_over_its_limit_is_refused_when_its_header_says_so()
    {
        var big = "$2000\r\n" + new string('x', 2000) + "\r\n";

        Read(["*3\r\n", big, "$2000\r\n"], out var error);

        Assert.Equal("Protocol error: command over the limit of 4000 bytes", error);
    }

    [Fact]
    public void A_large_value_is_not_looked_at_before_it_can_be_complete()
    {
        var parser = new RespParser(Limits());
        var start = Encoding.ASCII.GetBytes("*1\r\n$2000\r\nabc");

        Assert.Equal(ParseStatus.NeedMore, parser.Parse(start));
        Assert.Equal(4 + 7 + 2000 + 2, parser.Needed);
    }

    private static RespLimits Limits() => new() { MaxBulkBytes = 2048, MaxInlineBytes = 1024, MaxCommandBytes = 4000, MaxUnauthenticatedBulkBytes = 1024 };

    private static string RandomWord(Random random) => new([.. Enumerable.Range(0, random.Next(30)).Select(_ => (char)random.Next(1, 256)).Select(c => c == '|' ? 'x' : c)]);

    private static List<string> Read(IEnumerable<string> pieces, out string? error)
    {
        var parser = new RespParser(Limits());
        using var input = new RespInput();
        var commands = new List<string>();
        error = null;
        foreach (var piece in pieces)
        {
            input.Attach(new System.Buffers.ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(piece)), parser.Needed);
            while (!input.Pending.IsEmpty)
            {
                var status = parser.Parse(input.Pending);
                if (status == ParseStatus.NeedMore)
                {
                    break;
                }

                if (status == ParseStatus.Error)
                {
                    error = parser.Error;
                    return commands;
                }

                if (status == ParseStatus.Command)
                {
                    commands.Add(Join(parser.Args(input.Pending)));
                }

                input.Consume(parser.Consumed);
            }

            input.Detach();
        }

        return commands;
    }

    private static string Join(CommandArgs args)
    {
        var words = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            words.Add(Encoding.Latin1.GetString(args[i]));
        }

        return string.Join('|', words);
    }
}
