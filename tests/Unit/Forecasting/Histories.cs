using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.Unit.Forecasting;

/// <summary>Made histories of 5-minute buckets and their true continuation.</summary>
internal static class Histories
{
    public const int Day = ForecastSteps.BucketsPerDay;

    public static readonly DateTimeOffset Now = new(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);

    public static ForecastResult Forecast(params float[][] history) =>
        ForecastEngine.Run(new ForecastInput(LoadMetric.Cpu, Now, history, []), new ForecastOptions());

    /// <summary>value(t) times 1 ± noise, for t = 0 .. count - 1.</summary>
    public static float[] Of(int count, Func<int, double> value, double noise = 0, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(t => (float)(value(t) * (1 + (noise * ((2 * random.NextDouble()) - 1)))))];
    }

    /// <summary>100 by night, up to 100 × (1 + swing) around noon.</summary>
    public static double Daily(int t, double swing = 2) => 100 * (1 + (swing * 0.5 * (1 - Math.Cos(2 * Math.PI * t / Day))));

    /// <summary>Mean of the truth over each forecast step when the history ends before t = count.</summary>
    public static double[] Truth(int count, Func<int, double> value)
    {
        var truth = new double[ForecastSteps.Count];
        for (var k = 0; k < truth.Length; k++)
        {
            truth[k] = k < ForecastSteps.Fine
                ? value(count + k)
                : Enumerable.Range(count + ((k - ForecastSteps.Fine + 1) * 12), 12).Average(value);
        }

        return truth;
    }

    /// <summary>Mean absolute difference of a forecast column set from the truth, as a ratio of the truth's mean.</summary>
    public static double Error(IReadOnlyList<float[]> columns, double[] truth, int segment = 0) =>
        columns.Select((c, k) => Math.Abs(c[segment] - truth[k])).Average() / truth.Average();
}
