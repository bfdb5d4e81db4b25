using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Bench;

/// <summary>
/// Plants recurring spikes (factors 2 to 6, half an hour to an hour and a half) into public series: how large the error within the spikes is with the calendar, compared
/// with no calendar, and how many recurring spikes are proposed after their third occurrence, and how many where none was planted.
/// </summary>
internal static class EventBench
{
    private const int Day = 288;
    private const int MostLooks = 12;
    private const int Seed = 20260301;
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    /// <summary>events [--data ../shared/data].</summary>
    public static int Run(string[] args)
    {
        var at = Array.IndexOf(args, "--data");
        var data = at >= 0 && at + 1 < args.Length ? args[at + 1] : Path.Combine("..", "shared", "data");
        if (!Directory.Exists(data))
        {
            Console.WriteLine($"There is no folder {data}; name the public series with --data.");
            return 2;
        }

        var series = Directory.GetFiles(data, "*5m.csv.gz").Order(StringComparer.Ordinal).SelectMany(Read).Where(v => v.Length >= 16 * Day).ToList();
        var random = new Random(Seed);
        var plants = series.Select(v => Plant(v, random)).ToList();
        plants = [.. plants.Where(p => p.Slot >= 0)];
        var results = plants.AsParallel().AsOrdered().Select(Measure).ToList();
        Console.WriteLine("calendar            error within events, ratio to none: median   geometric mean");
        var announced = Print("factor announced", results.Select(r => r.Announced));
        var learnt = Print("factor learnt", results.Select(r => r.Learnt));
        var found = results.Average(r => r.Found ? 1.0 : 0);
        var wrong = results.Sum(r => r.False) / (double)results.Sum(r => r.Looks);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"proposed after the third occurrence: {found:0.00} of {results.Count} series; without any planted: {wrong:0.000} of {results.Sum(r => r.Looks)} looks, two days apart"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"RESULT events series={results.Count} error_ratio_announced={announced:0.000} error_ratio_learnt={learnt:0.000} proposed={found:0.000} false_proposals={wrong:0.000}"));
        return 0;
    }

    // Of next to no load no factor makes a spike: a slot is drawn again until at least half of the mean load is multiplied on the last days; slot -1 where there is none.
    private static Planted Plant(float[] values, Random random)
    {
        var (steps, factor) = (random.Next(6, 19), 2 + (4 * random.NextDouble()));
        var mean = values[Math.Max(0, values.Length - (28 * Day))..].Average(v => (double)v);
        for (var tries = 0; tries < 100; tries++)
        {
            var slot = random.Next(0, Day - 18);
            var last = ((values.Length - slot - steps - 1) / Day * Day) + slot;
            if (Enumerable.Range(0, 3 * steps).Average(i => values[last - (i / steps * Day) + (i % steps)]) >= mean / 2)
            {
                return new Planted(values, slot, steps, factor);
            }
        }

        return new Planted(values, -1, steps, factor);
    }

    private static double Print(string name, IEnumerable<double> ratios)
    {
        var sorted = ratios.Where(double.IsFinite).Order().ToList();
        var mean = Math.Exp(sorted.Average(r => Math.Log(Math.Max(r, 0.01))));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20}{sorted[sorted.Count / 2],52:0.000}{mean,17:0.000}"));
        return mean;
    }

    // A weekly spike whose next occurrence is the forecast's; a daily one of the last three days for the proposals.
    private static (double Announced, double Learnt, bool Found, int False, int Looks) Measure(Planted planted)
    {
        var values = (float[])planted.Values.Clone();
        var last = ((values.Length - planted.Slot - planted.Steps - 1) / Day * Day) + planted.Slot;
        var weekday = (DayOfWeek)(((last / Day) + 1) % 7);
        for (var from = last; from >= 0; from -= 7 * Day)
        {
            Multiply(values, from, planted);
        }

        var rule = new EventRule(EventRepeat.Weekly, default, weekday, 1, Time(planted.Slot));
        var origin = Math.Max(Day, last - 36);
        double Error(IReadOnlyList<CalendarEvent> events)
        {
            var cadence = Cadence.Of(300, Day);
            var core = new StreamCore(new StreamOptions());
            var state = new SeriesState(cadence);
            foreach (var value in values[..origin])
            {
                SeriesIntake.Push(state, value);
            }

            var path = core.PathOf(Day);
            EventForecast.Fill(core, state, Monday + (Step * (origin - 1)), Step, events, path);
            return Enumerable.Range(last, planted.Steps).Sum(i => Math.Abs(values[i] - path.Point[i - origin]));
        }

        CalendarEvent Event(double? factor) => new("planted", rule, Step * planted.Steps, TimeZoneInfo.Utc, factor);
        var without = Error([]);
        var daily = (float[])planted.Values.Clone();
        for (var k = 0; k < 3; k++)
        {
            Multiply(daily, last - (k * Day), planted);
        }

        var found = Proposals(daily[..(last + planted.Steps)]).Any(p => Apart(p.Rule.Time, Time(planted.Slot)) <= 15);
        var looks = Enumerable.Range(0, MostLooks).Select(k => planted.Values.Length - (2 * k * Day)).Where(end => end >= 16 * Day).ToList();
        return (Error([Event(planted.Factor)]) / without, Error([Event(null)]) / without, found, looks.Count(end => Proposals(planted.Values[..end]).Count > 0), looks.Count);
    }

    // Minutes, the shorter way round the clock.
    private static double Apart(TimeOnly a, TimeOnly b)
    {
        var minutes = Math.Abs((a.ToTimeSpan() - b.ToTimeSpan()).TotalMinutes);
        return Math.Min(minutes, (24 * 60) - minutes);
    }

    private static TimeOnly Time(int slot) => new TimeOnly(0, 0).AddMinutes(5 * slot);

    private static List<EventProposal> Proposals(float[] values)
    {
        var kept = values[Math.Max(0, values.Length - (28 * Day))..];
        return ProposalFinder.Find(kept, Day, Monday + (Step * (values.Length - kept.Length)), Step, TimeZoneInfo.Utc);
    }

    private static void Multiply(float[] values, int from, Planted planted)
    {
        for (var i = from; i < from + planted.Steps; i++)
        {
            values[i] *= (float)planted.Factor;
        }
    }

    /// <summary>All series of a set.</summary>
    public static List<float[]> Read(string file)
    {
        var all = new Dictionary<string, List<float>>();
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            (all.TryGetValue(fields[0], out var values) ? values : all[fields[0]] = []).Add(float.Parse(fields[2], CultureInfo.InvariantCulture));
        }

        return [.. all.Values.Select(v => v.ToArray())];
    }

    private sealed record Planted(float[] Values, int Slot, int Steps, double Factor);
}
