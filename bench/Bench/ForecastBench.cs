using System.Diagnostics;
using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.Bench;

/// <summary>Forecast of 1024 segments × 28 days of 5-minute buckets, on one core, with the derived metrics beside it.</summary>
internal static class ForecastBench
{
    private const int Segments = 1024;
    private const int Buckets = 28 * ForecastSteps.BucketsPerDay;

    /// <summary>Runs it. Arguments are not used.</summary>
    public static void Run(string[] args)
    {
        var c = CultureInfo.InvariantCulture;
        var cpu = History(new Random(1));
        var reads = cpu.Select(s => s.Select(v => 25 * v).ToArray()).ToArray();
        var now = new DateTimeOffset(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);
        Console.WriteLine("run      forecast s   derive ms   skill 1 h   skill 23 h   band caught");
        double best = double.MaxValue, skill = 0;
        for (var run = 1; run <= 3; run++)
        {
            var (seconds, result) = Timed(() => ForecastEngine.Run(new ForecastInput(LoadMetric.Cpu, now, cpu, []), new ForecastOptions()));
            var (derive, _) = Timed(() => ForecastEngine.Derive(result, cpu, LoadMetric.Reads, reads));
            best = Math.Min(best, seconds);
            skill = result.Skill.HourAhead;
            var caught = result.Coverage.Where(v => !float.IsNaN(v)).Average();
            Console.WriteLine(string.Create(
                c, $"{run,3}{seconds,16:0.00}{1000 * derive,12:0.0}{skill,12:0.000}{result.Skill.DayAhead,13:0.000}{caught,14:0.00}"));
        }

        Console.WriteLine(string.Create(
            c, $"RESULT forecast segments={Segments} days=28 seconds={best:0.00} ms_per_segment={1000 * best / Segments:0.00} skill_1h={skill:0.000}"));
    }

    private static (double Seconds, T Result) Timed<T>(Func<T> action)
    {
        var watch = new Stopwatch();
        watch.Start();
        var result = action();
        return (watch.Elapsed.TotalSeconds, result);
    }

    // Day patterns of many levels and phases, quiet weekends, noise, thin and silent segments, gaps.
    private static float[][] History(Random random)
    {
        var history = new float[Segments][];
        for (var s = 0; s < Segments; s++)
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
