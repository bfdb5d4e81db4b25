using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>One series of a file.</summary>
/// <param name="State">Its newest values, nothing learnt yet.</param>
/// <param name="Last">When its last row's step begins.</param>
/// <param name="Step">Length of a step; of a series with one row, that of the series before it, or zero.</param>
internal readonly record struct ReadSeries(string Name, SeriesState State, DateTimeOffset Last, TimeSpan Step);

/// <summary>Reads series_id,timestamp_utc_iso8601,value row by row. Everything that is wrong is a <see cref="StartupException"/> that names the line.</summary>
internal sealed class SeriesFile : IDisposable
{
    private readonly string path;
    private readonly StreamReader reader;
    private long line;

    private SeriesFile(string path, StreamReader reader) => (this.path, this.reader) = (path, reader);

    /// <summary>Values so far that were negative or not a finite number.</summary>
    public long Refused { get; private set; }

    /// <summary>Line of the first of them; 0: none.</summary>
    public long FirstRefused { get; private set; }

    /// <summary>Opens a plain or gzip file.</summary>
    public static SeriesFile Open(string path)
    {
        try
        {
            Stream stream = File.OpenRead(path);
            var gzip = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
            stream.Position = 0;
            return new SeriesFile(path, new StreamReader(gzip ? new GZipStream(stream, CompressionMode.Decompress) : stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--input {path} cannot be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    /// <summary>Series after series, in the file's order, with their newest values pushed and nothing learnt yet.</summary>
    public IEnumerable<ReadSeries> Read(int horizon)
    {
        var header = Next();
        if (header is null)
        {
            throw Wrong("the file is empty; it must begin with the header series_id,timestamp_utc_iso8601,value");
        }

        if (header.TrimStart('\ufeff').Split(',') is not ["series_id", "timestamp_utc_iso8601", "value", ..])
        {
            throw Wrong($"the header is '{Shorten(header)}'; it must be series_id,timestamp_utc_iso8601,value");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? name = null;
        SeriesState? state = null;
        DateTimeOffset first = default, last = default;
        float held = 0;
        var step = TimeSpan.Zero;
        while (Next() is { } text)
        {
            var (id, at, value) = Parse(text);
            if (id != name)
            {
                if (name is not null)
                {
                    yield return new ReadSeries(name, Whole(name, state ?? Single(held, horizon)), last, step);
                }

                if (!seen.Add(id))
                {
                    throw Wrong($"series '{Shorten(id)}' appears again; all rows of a series must stand together, ordered by time");
                }

                (name, state, first, held) = (id, null, at, value);
            }
            else if (state is null)
            {
                step = at - first;
                if (step < TimeSpan.FromSeconds(1) || step > TimeSpan.FromDays(31) || step.Ticks % TimeSpan.TicksPerSecond != 0)
                {
                    throw Wrong($"the step from {first:u} to {at:u} is {step}; steps must be whole seconds from 1 s to 31 days");
                }

                state = new SeriesState(Cadence.Of((int)step.TotalSeconds, horizon));
                SeriesIntake.Push(state, held);
                SeriesIntake.Push(state, value);
            }
            else
            {
                if (at - last != step)
                {
                    throw Wrong($"series '{Shorten(id)}' goes from {last:u} to {at:u}; its step is {step}, and every row must be one step after the one before");
                }

                SeriesIntake.Push(state, value);
            }

            last = at;
        }

        if (name is null)
        {
            throw Wrong("there is no row behind the header");
        }

        yield return new ReadSeries(name, Whole(name, state ?? Single(held, horizon)), last, step);
    }

    private SeriesState Whole(string name, SeriesState state) =>
        state.Length > 0 ? state : throw Wrong($"series '{Shorten(name)}' ends before this line without any value that is a load (0 or more); there is nothing to forecast from");

    // One value alone: its step does not matter.
    private static SeriesState Single(float value, int horizon)
    {
        var state = new SeriesState(Cadence.Of(300, horizon));
        SeriesIntake.Push(state, value);
        return state;
    }

    private (string Id, DateTimeOffset At, float Value) Parse(string text)
    {
        var span = text.AsSpan();
        var a = span.IndexOf(',');
        var b = a < 0 ? -1 : span[(a + 1)..].IndexOf(',') + a + 1;
        if (a <= 0 || b <= a || span[(b + 1)..].Contains(','))
        {
            throw Wrong($"'{Shorten(text)}' is not series_id,timestamp_utc_iso8601,value");
        }

        if (!DateTimeOffset.TryParse(span[(a + 1)..b], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            throw Wrong($"'{Shorten(span[(a + 1)..b].ToString())}' is not a UTC time like 2026-03-01T10:05:00Z");
        }

        if (!float.TryParse(span[(b + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            throw Wrong($"'{Shorten(span[(b + 1)..].ToString())}' is not a number");
        }

        if (!float.IsFinite(value) || value < 0)
        {
            Refused++;
            FirstRefused = FirstRefused == 0 ? line : FirstRefused;
        }

        return (span[..a].ToString(), at, value);
    }

    private string? Next()
    {
        try
        {
            line++;
            return reader.ReadLine();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Wrong($"it cannot be read: {e.Message}");
        }
    }

    private StartupException Wrong(string what) => new($"{path}, line {line}: {what}.");

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
