using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.Bench;

/// <summary>
/// Whether the score of a shard is the quantile of the sum that it says: segments from real series, forecast at rolling moments, summed by eights; how often the real sum stayed below the
/// score, beside the sum of the segments' own quantiles.
/// </summary>
internal static class ScoreBench
{
    private const int Day = ForecastSteps.BucketsPerDay;
    private const int Together = 8;
    private const int Origins = 6;

    /// <summary>scores [--data ../shared/data].</summary>
    public static int Run(string[] args)
    {
        var at = Array.IndexOf(args, "--data");
        var data = at >= 0 && at + 1 < args.Length ? args[at + 1] : Path.Combine("..", "shared", "data");
        if (!Directory.Exists(data))
        {
            Console.WriteLine($"There is no folder {data}; name the public series with --data.");
            return 2;
        }

        Console.WriteLine("set                  segments   sums   score holds   sum of quantiles holds   score / sum of quantiles");
        long sums = 0, held = 0;
        foreach (var file in Directory.GetFiles(data, "*5m.csv.gz").Order(StringComparer.Ordinal))
        {
            var series = EventBench.Read(file).Where(v => v.Length >= 9 * Day).Select(Scaled).ToList();
            if (series.Count < Together)
            {
                continue;
            }

            var tally = Measure(series);
            sums += tally.Sums;
            held += tally.Held;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(file)[..^7],-20}{series.Count,9}{tally.Sums,7}{(double)tally.Held / tally.Sums,14:0.000}{(double)tally.Naive / tally.Sums,25:0.000}{tally.Score / tally.Quantiles,27:0.000}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RESULT scores sums={sums} below_score={(double)held / Math.Max(1, sums):0.000} wanted=0.900"));
        return 0;
    }

    // Segments of one shard are of like size.
    private static float[] Scaled(float[] values)
    {
        var mean = values.Average();
        return mean > 0 ? [.. values.Select(v => v / mean * 10)] : values;
    }

    private static (long Sums, long Held, long Naive, double Score, double Quantiles) Measure(List<float[]> series)
    {
        var shortest = series.Min(v => v.Length);
        (long Sums, long Held, long Naive, double Score, double Quantiles) tally = default;
        for (var origin = 0; origin < Origins; origin++)
        {
            var end = shortest - Day - (origin * (Day + 36));
            if (end < 7 * Day)
            {
                break;
            }

            var history = series.Select(v => v[(v.Length - shortest)..][..end]).ToArray();
            var now = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero).AddMinutes(5 * end);
            var fleet = FleetForecaster.Fit(new ForecastInput(LoadMetric.Cpu, now, history, []), new StreamOptions(), CancellationToken.None);
            var result = ForecastEngine.Run(fleet, LoadMetric.Cpu, [], new ForecastOptions(), CancellationToken.None);
            var field = LoadField.FromForecast(now, result, null, new MeasuredLoad([], []), new HashSet<int>(), new ScoringOptions());
            for (var first = 0; first + Together <= series.Count; first += Together)
            {
                Compare(series, shortest, end, field, result, first, ref tally);
            }
        }

        return tally;
    }

    private static void Compare(
        List<float[]> series, int shortest, int end, LoadField field, ForecastResult result, int first, ref (long Sums, long Held, long Naive, double Score, double Quantiles) tally)
    {
        var sum = new LoadSum(field);
        for (var s = first; s < first + Together; s++)
        {
            sum.Add(LoadRole.Lead, s);
        }

        for (var k = 0; k < field.StepCount; k++)
        {
            var (from, steps) = k < ForecastSteps.Fine ? (end + k, 1) : (end + ((k - ForecastSteps.Fine + 1) * 12), 12);
            double actual = 0, quantiles = 0;
            for (var s = first; s < first + Together; s++)
            {
                actual += series[s].AsSpan(series[s].Length - shortest + from, steps).ToArray().Average();
                quantiles += result.Frame.Q90[k][s];
            }

            tally.Sums++;
            tally.Held += actual <= sum.Score(k) ? 1 : 0;
            tally.Naive += actual <= quantiles ? 1 : 0;
            tally.Score += sum.Score(k);
            tally.Quantiles += quantiles;
        }
    }
}
