using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Forecast of one segment: one value per step of <see cref="ForecastSteps"/>.</summary>
internal sealed class SegmentForecast
{
    /// <summary>Steps whose errors are looked at together when it comes to what is shared: the next hour, then up to 4 h, 13 h and 24 h ahead.</summary>
    public const int Groups = 4;

    /// <summary>Moments at which errors of different segments are compared, per group.</summary>
    private const int Moments = 168;

    /// <summary>Residuals from which on a share of them is told.</summary>
    private const int FewErrors = 24;

    // Grid horizons (steps of 5 minutes) whose errors stand for the groups.
    private static readonly int[] GroupHorizons = [12, 48, 144, 270];

    public double[] Mean { get; } = new double[ForecastSteps.Count];

    public double[] Q10 { get; } = new double[ForecastSteps.Count];

    public double[] Q50 { get; } = new double[ForecastSteps.Count];

    public double[] Q90 { get; } = new double[ForecastSteps.Count];

    public double[] Sd { get; } = new double[ForecastSteps.Count];

    /// <summary>Expert that weighs most an hour ahead.</summary>
    public string Model { get; private set; } = "none";

    /// <summary>Past errors per group, newest first, for <see cref="SharedError"/>; null where there are none.</summary>
    public float[]?[] Errors { get; } = new float[Groups][];

    /// <summary>Decayed absolute errors (own, repeating yesterday, number of steps) an hour ahead, then about 23 h ahead.</summary>
    public (double Own, double Yardstick, int Count)[] Skill { get; } = new (double, double, int)[2];

    /// <summary>Share of the newer half of the errors inside the band of the older half; NaN unknown.</summary>
    public float Coverage { get; private set; } = float.NaN;

    /// <summary>The group of a step.</summary>
    public static int GroupOf(int step) => step < ForecastSteps.Fine ? 0 : step < ForecastSteps.Fine + 3 ? 1 : step < ForecastSteps.Fine + 12 ? 2 : 3;

    /// <summary>The forecast from what was learnt. Without a measured value everything is NaN.</summary>
    /// <param name="fleet">What a segment younger than a day borrows; null: nothing.</param>
    public static SegmentForecast Of(SeriesState state, StreamCore core, ForecastPath path, FleetShape? fleet = null)
    {
        var forecast = new SegmentForecast();
        if (state.Length == 0)
        {
            foreach (var values in new[] { forecast.Mean, forecast.Q10, forecast.Q50, forecast.Q90, forecast.Sd })
            {
                Array.Fill(values, double.NaN);
            }

            return forecast;
        }

        if (state.Largest <= 0)
        {
            forecast.Model = "zero";
            return forecast;
        }

        core.Forecast(state, path, fleet);
        for (var k = 0; k < ForecastSteps.Count; k++)
        {
            var (from, to) = k < ForecastSteps.Fine ? (k + 1, k + 1) : ((12 * (k - ForecastSteps.Fine + 1)) + 1, 12 * (k - ForecastSteps.Fine + 2));
            forecast.Set(k, path, from, to);
        }

        forecast.Judge(state, path);
        return forecast;
    }

    /// <summary>Multiplies a step, for an announced event.</summary>
    public void Multiply(int step, double factor)
    {
        foreach (var values in new[] { Mean, Q10, Q50, Q90, Sd })
        {
            values[step] *= factor;
        }
    }

    // The mean over a step's buckets; so too of the quantiles, as if the errors within an hour were one: never too narrow.
    private void Set(int step, ForecastPath path, int from, int to)
    {
        var share = 1.0 / (to - from + 1);
        for (var h = from; h <= to; h++)
        {
            Mean[step] += share * path.Mean[h - 1];
            Sd[step] += share * path.Sd[h - 1];
            Q10[step] += share * path.Quantile(h, 1);
            Q50[step] += share * path.Quantile(h, ForecastPath.Median);
            Q90[step] += share * path.Quantile(h, 5);
        }
    }

    private void Judge(SeriesState state, ForecastPath path)
    {
        var cadence = state.Cadence;
        var scale = Math.Sqrt(Mean.Average() + state.Offset);
        for (var group = 0; group < Groups; group++)
        {
            var g = Array.IndexOf(cadence.Grid, GroupHorizons[group]);
            Errors[group] = new float[Moments];
            for (var k = 0; k < Moments; k++)
            {
                Errors[group]![k] = (float)(scale * Residual(state, g, k * Math.Max(1, 12 / cadence.ResidualEvery[g])));
            }

            if (group is 0 or Groups - 1)
            {
                var at = g * Experts.Judged;
                var count = Math.Min(state.ErrorCount[at + Experts.Combined], state.ErrorCount[at + Experts.Yesterday]);
                Skill[group == 0 ? 0 : 1] = (Ratio(state, at + Experts.Combined), Math.Max(Ratio(state, at + Experts.Yesterday), LeastYardstick * Mean.Average()), (int)count);
            }
        }

        var hour = Array.IndexOf(cadence.Grid, 12);
        Model = Experts.Names[path.Best[hour]];
        Coverage = CoverageOf([.. Enumerable.Range(0, 336).Select(k => Residual(state, hour, k)).Where(r => !float.IsNaN(r))]);
    }

    // Against a repetition that errs by less than this part of the level nothing can win, and nothing has to.
    private const double LeastYardstick = 0.05;

    private static double Ratio(SeriesState state, int at) => state.ErrorCount[at] > 0 ? state.ErrorSum[at] / state.ErrorCount[at] : 0;

    // The error that is age × ResidualEvery steps old, in units of √(forecast + c); NaN = none.
    private static float Residual(SeriesState state, int g, int age)
    {
        var (every, kept) = (state.Cadence.ResidualEvery[g], state.Cadence.ResidualKept[g]);
        var slot = ((state.First + state.Length - 1) / every) - age;
        return age < kept && slot >= 0 ? (float)state.Residuals[state.Cadence.ResidualKept.Take(g).Sum() + (int)(slot % kept)] : float.NaN;
    }

    private static float CoverageOf(float[] newestFirst)
    {
        if (newestFirst.Length < FewErrors)
        {
            return float.NaN;
        }

        var half = newestFirst.Length / 2;
        var older = newestFirst[half..];
        Array.Sort(older);
        var (low, high) = (older[older.Length / 10], older[older.Length - 1 - (older.Length / 10)]);
        return newestFirst.AsSpan(0, half).ToArray().Count(r => r >= low && r <= high) / (float)half;
    }
}
