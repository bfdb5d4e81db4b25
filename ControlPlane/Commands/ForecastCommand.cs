using System.CommandLine;
using System.Globalization;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>forecast: forecasts the series of a CSV file. Reads and writes as a stream; memory holds one batch of series.</summary>
internal static class ForecastCommand
{
    /// <summary>Series that are worked on together.</summary>
    private const int BatchSeries = 64;

    private const string Auto = "auto";

    private const int MostHorizon = 10_000;

    /// <summary>The command.</summary>
    /// <param name="error">Where it says what it refused.</param>
    public static Command Create(TextWriter error)
    {
        var input = new Option<string>("--input") { Description = "CSV of series_id,timestamp_utc_iso8601,value in regular steps, a series' rows together", Required = true };
        var horizon = new Option<int>("--horizon") { Description = $"Steps to forecast, 1..{MostHorizon}", Required = true };
        var output = new Option<string>("--output") { Description = "Written: series_id,step,forecast,q05,q10,q25,q50,q75,q90,q95", Required = true };
        var model = new Option<string>("--model") { Description = $"auto (all combined) or one alone: {string.Join(", ", Experts.Switches)}", DefaultValueFactory = _ => Auto };
        var events = new Option<string?>("--events") { Description = "CSV of name,series,rule,minutes,factor,zone: announced events. Rules: " + EventRule.Forms + "; factor: a number or learn" };
        var command = new Command("forecast", "Forecasts every series of a CSV file.") { input, horizon, output, model, events };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            parsed.GetValue(input)!, parsed.GetValue(horizon), parsed.GetValue(output)!, parsed.GetValue(model)!, parsed.GetValue(events), error, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string input, int horizon, string output, string model, string? events, TextWriter error, CancellationToken cancellation)
    {
        var forced = Array.IndexOf(Experts.Switches, model);
        if (forced < 0 && model != Auto)
        {
            throw new StartupException($"--model {model} is not known; it is {Auto}, {string.Join(", ", Experts.Switches)}.");
        }

        if (horizon is < 1 or > MostHorizon)
        {
            throw new StartupException($"--horizon {horizon} is outside 1..{MostHorizon}.");
        }

        var options = new StreamOptions { Forced = forced < 0 ? null : forced };
        var calendar = events is null ? CalendarFile.None : CalendarFile.Read(events);
        using var reader = SeriesFile.Open(input);
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
        {
            throw new StartupException($"--output {output} is the input; name another file.");
        }

        // Written beside its place and moved there when it is whole: whoever finds the output finds all of it.
        var partial = output + ".part";
        try
        {
            using (var writer = Create(output, partial))
            {
                Write(reader, writer, horizon, options, calendar, cancellation);
            }

            File.Move(partial, output, overwrite: true);
        }
        catch (OperationCanceledException)
        {
            throw new StartupException($"The forecast was cancelled; {output} was not written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--output {output} cannot be written: {e.Message}");
        }
        finally
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
        }

        if (reader.Refused > 0)
        {
            error.WriteLine($"{input}: {reader.Refused} values were negative or not a finite number (the first in line {reader.FirstRefused}); they are taken as gaps.");
        }

        return 0;
    }

    private static void Write(SeriesFile reader, StreamWriter writer, int horizon, StreamOptions options, CalendarFile calendar, CancellationToken cancellation)
    {
        writer.WriteLine("series_id,step,forecast,q05,q10,q25,q50,q75,q90,q95");
        foreach (var batch in reader.Read(horizon).Chunk(BatchSeries))
        {
            var texts = new string[batch.Length];
            Parallel.For(
                0, batch.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
                () => new StreamCore(options),
                (i, _, core) =>
                {
                    var (name, state, last, step) = batch[i];
                    var path = core.PathOf(horizon);
                    var known = calendar.Of(name);
                    if (known.Count > 0 && state.Length > 1)
                    {
                        EventForecast.Fill(core, state, last, step, known, path);
                    }
                    else
                    {
                        core.Fit(state);
                        core.Forecast(state, path);
                    }

                    texts[i] = Text(name, path);
                    return core;
                },
                _ => { });
            foreach (var text in texts)
            {
                writer.Write(text);
            }
        }
    }

    private static StreamWriter Create(string output, string partial)
    {
        try
        {
            return new StreamWriter(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--output {output} cannot be written: {e.Message}");
        }
    }

    private static string Text(string name, ForecastPath path)
    {
        var text = new System.Text.StringBuilder();
        for (var h = 1; h <= path.Horizon; h++)
        {
            text.Append(name).Append(',').Append(h).Append(',').Append(CultureInfo.InvariantCulture, $"{path.Point[h - 1]:G7}");
            for (var q = 0; q < ForecastPath.Levels.Length; q++)
            {
                text.Append(',').Append(CultureInfo.InvariantCulture, $"{path.Quantile(h, q):G7}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
