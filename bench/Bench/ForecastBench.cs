using System.Diagnostics;
using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Bench;

/// <summary>First fit of 1024 segments × 28 days of 5-minute buckets, then ticks of learning and forecasting; nothing is written to a database.</summary>
internal static class ForecastBench
{
    private const int Segments = 1024;
    private const int Buckets = 28 * ForecastSteps.BucketsPerDay;

    /// <summary>Runs it. --segments N: other than 1024.</summary>
    public static void Run(string[] args)
    {
        var c = CultureInfo.InvariantCulture;
        var segments = args is ["--segments", var given] ? int.Parse(given, c) : Segments;
        var cpu = History(new Random(1), segments);
        var now = new DateTimeOffset(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);
        var none = CancellationToken.None;
        var (fit, fleet) = Timed(() => FleetForecaster.Fit(new ForecastInput(LoadMetric.Cpu, now, cpu, []), new StreamOptions(), none));
        Console.WriteLine(string.Create(c, $"first fit of {segments} segments from 28 days: {fit:0.00} s"));
        Console.WriteLine("tick     learn s   forecast s   skill 1 h   skill 23 h");
        double worst = 0, skill = 0;
        for (var tick = 1; tick <= 13; tick++)
        {
            var column = cpu.Select(s => s[tick * 7]).ToArray();
            var (learn, _) = Timed(() =>
            {
                fleet.Advance([column], none);
                return 0;
            });
            var (forecast, result) = Timed(() => ForecastEngine.Run(fleet, LoadMetric.Cpu, [], new ForecastOptions(), none));
            worst = Math.Max(worst, learn + forecast);
            skill = result.Skill.HourAhead;
            Console.WriteLine(string.Create(c, $"{tick,4}{learn,12:0.00}{forecast,13:0.00}{skill,12:0.000}{result.Skill.DayAhead,13:0.000}"));
        }

        Console.WriteLine(string.Create(
            c, $"RESULT forecast segments={segments} tick_s={worst:0.00} fit_s={fit:0.00} bytes_per_series={fleet.SizeBytes / segments} skill_1h={skill:0.000} database=no"));
    }

    private static (double Seconds, T Result) Timed<T>(Func<T> action)
    {
        var watch = new Stopwatch();
        watch.Start();
        var result = action();
        return (watch.Elapsed.TotalSeconds, result);
    }

    // Day patterns of many levels and phases, quiet weekends, noise, thin and silent segments, gaps.
    private static float[][] History(Random random, int segments)
    {
        var history = new float[segments][];
        for (var s = 0; s < segments; s++)
        {
            var values = history[s] = new float[Buckets];
            var level = s % 16 == 0 ? 0 : Math.Exp(random.NextDouble() * 5);
            var (phase, noise, thin) = (random.NextDouble(), 0.1 + (0.4 * random.NextDouble()), s % 16 == 1);
            for (var t = 0; t < Buckets; t++)
            {
                var day = t / ForecastSteps.BucketsPerDay;
                var pattern = 1 + (0.7 * Math.Sin(2 * Math.PI * (((double)t / ForecastSteps.BucketsPerDay) + phase)));
                var value = level * pattern * (day % 7 >= 5 ? 0.6 : 1) * (1 + (noise * ((2 * random.NextDouble()) - 1)));
                values[t] = day == 11 && s % 8 == 0 ? float.NaN : (float)(thin && random.Next(20) > 0 ? 0 : Math.Max(0, value));
            }
        }

        return history;
    }
}
