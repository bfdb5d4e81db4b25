using System.IO.Compression;
using System.Text;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>
/// Reads a request log line by line: CSV of timestamp,key,op, plain or gzip, with or without a heading. Lines that cannot be understood are
/// counted, the first of them kept with the reason. For one reader; the stream is disposed with it.
/// </summary>
internal sealed class LogReader : IDisposable
{
    /// <summary>Longest line, characters.</summary>
    public const int MaxLineLength = 65_536;

    /// <summary>Rejected lines that are kept.</summary>
    public const int KeptRejects = 20;

    /// <summary>Lines without a single good one after which the file counts as no CSV.</summary>
    public const int PatienceLines = 1000;

    private const int ShownCharacters = 120;

    private readonly Stream source;
    private readonly LineReader lines;
    private readonly List<string> firstRejected = [];
    private LogLineParser parser = LogLineParser.Default;

    /// <summary>Reads from a stream that can seek.</summary>
    public LogReader(Stream source)
    {
        this.source = source;
        Span<byte> magic = stackalloc byte[2];
        var isGzip = source.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
        source.Position = 0;
        lines = new LineReader(new StreamReader(isGzip ? new GZipStream(source, CompressionMode.Decompress) : source, Encoding.UTF8, true, 1 << 16), MaxLineLength);
    }

    /// <summary>Good lines so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Bad lines so far.</summary>
    public long Rejected { get; private set; }

    /// <summary>"line 17: reason: text" of the first bad lines.</summary>
    public IReadOnlyList<string> FirstRejected => firstRejected;

    /// <summary>Bytes of the file read so far (compressed ones, where it is compressed).</summary>
    public long BytesRead => source.Position;

    /// <summary>Bytes of the file.</summary>
    public long BytesTotal => source.Length;

    /// <summary>Why the file as a whole cannot be used; null while it can. Set when <see cref="Read"/> has ended.</summary>
    public string? Failure { get; private set; }

    /// <summary>The requests in the order of the file. Ends early when the file turns out to be no CSV; see <see cref="Failure"/>.</summary>
    public IEnumerable<LoggedRequest> Read()
    {
        for (long number = 1; Next() is { } line; number++)
        {
            if (number == 1 && LogLineParser.FromHeading(line) is { } headed)
            {
                parser = headed;
                continue;
            }

            if (line.Length == 0)
            {
                continue;
            }

            if (parser.Parse(line, out var request) is not { } reason)
            {
                Rows++;
                yield return request;
                continue;
            }

            Reject(number, line, reason);
            if (Rows == 0 && Rejected >= PatienceLines)
            {
                Failure = $"None of the first {PatienceLines} lines is timestamp,key,op: this is no CSV of requests. First: {firstRejected[0]}";
                yield break;
            }
        }

        Failure ??= Rows > 0 ? null
            : Rejected == 0 ? "The file is empty."
            : $"No line of the file is timestamp,key,op: this is no CSV of requests. First: {firstRejected[0]}";
    }

    /// <inheritdoc/>
    public void Dispose() => lines.Dispose();

    private string? Next()
    {
        try
        {
            return lines.Read();
        }
        catch (InvalidDataException e)
        {
            Failure = $"The gzip data are damaged after {Rows} rows: {e.Message}";
            return null;
        }
    }

    private void Reject(long number, string line, string reason)
    {
        Rejected++;
        if (firstRejected.Count < KeptRejects)
        {
            var shown = new string([.. line.Take(ShownCharacters).Select(c => char.IsControl(c) ? '?' : c)]);
            firstRejected.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {number}: {reason}: {shown}"));
        }
    }
}
