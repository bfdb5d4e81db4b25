using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// All models tried on one series at rolling origins: at each origin they forecast as they would have then, are weighted by the errors known by then, and
/// the combination's error is kept. The last origin is now.
/// </summary>
internal sealed class Trial
{
    private readonly Series series;
    private readonly Resolution resolution;
    private readonly IFittedModel[] fitted;
    private readonly double[][] weights;

    private Trial(Series series, Resolution resolution, IFittedModel[] fitted, int origins)
    {
        this.series = series;
        this.resolution = resolution;
        this.fitted = fitted;
        weights = new double[resolution.Horizons.Length][];
        Errors = new float[resolution.Horizons.Length][];
        Scaled = new float[resolution.Horizons.Length][];
        for (var g = 0; g < weights.Length; g++)
        {
            weights[g] = new double[fitted.Length];
            Errors[g] = new float[origins];
            Scaled[g] = new float[origins];
        }

        CombinedError = new double[weights.Length];
        YardstickError = new double[weights.Length];
        Compared = new int[weights.Length];
    }

    /// <summary>[horizon][origin] actual − forecast of the combination as issued; NaN where there was no forecast or no target.</summary>
    public float[][] Errors { get; }

    /// <summary>The same divided by √(forecast + c): comparable between quiet and busy hours.</summary>
    public float[][] Scaled { get; }

    /// <summary>Sum of absolute errors of the combination where the yardstick had a forecast too, per horizon.</summary>
    public double[] CombinedError { get; }

    /// <summary>The same for repeating yesterday.</summary>
    public double[] YardstickError { get; }

    /// <summary>How many origins the two sums have.</summary>
    public int[] Compared { get; }

    /// <summary>Tries all models.</summary>
    /// <param name="series">The series.</param>
    /// <param name="resolution">Its step and the horizons.</param>
    /// <param name="origins">Distances from the end, ascending in time, the last 0.</param>
    public static Trial Run(Series series, Resolution resolution, int[] origins)
    {
        var models = ModelCatalog.All;
        var fitted = new IFittedModel[models.Count];
        for (var m = 0; m < fitted.Length; m++)
        {
            fitted[m] = models[m].Fit(series);
        }

        var trial = new Trial(series, resolution, fitted, origins.Length);
        var forecasts = trial.ForecastAll(origins);
        for (var g = 0; g < resolution.Horizons.Length; g++)
        {
            trial.Walk(g, origins, forecasts[g]);
        }

        return trial;
    }

    /// <summary>The combination's forecast from now.</summary>
    public double Forecast(int horizon)
    {
        var (low, share) = resolution.Locate(horizon);
        double value = 0, sum = 0;
        for (var m = 0; m < fitted.Length; m++)
        {
            var weight = Weight(m, low, share);
            if (weight <= 0)
            {
                continue;
            }

            var forecast = fitted[m].At(series.Length - 1, horizon);
            if (!float.IsNaN(forecast))
            {
                value += weight * forecast;
                sum += weight;
            }
        }

        return sum > 0 ? value / sum : series.Values[^1];
    }

    /// <summary>Name of the model that weighs most at a horizon; with the second where the first has less than nine tenths.</summary>
    public string Describe(int horizon)
    {
        var (low, share) = resolution.Locate(horizon);
        var byName = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var m = 0; m < fitted.Length; m++)
        {
            byName[ModelCatalog.All[m].Name] = byName.GetValueOrDefault(ModelCatalog.All[m].Name) + Weight(m, low, share);
        }

        var ranked = byName.OrderByDescending(p => p.Value).ToArray();
        return ranked[0].Value >= 0.9 || ranked[1].Value < 0.05 ? ranked[0].Key : $"{ranked[0].Key} + {ranked[1].Key}";
    }

    private double Weight(int model, int low, double share) =>
        share > 0 ? ((1 - share) * weights[low][model]) + (share * weights[low + 1][model]) : weights[low][model];

    // [horizon][origin * models + model]; the origin is the outer loop, because models remember what they worked out for it.
    private float[][] ForecastAll(int[] origins)
    {
        var horizons = resolution.Horizons;
        var forecasts = new float[horizons.Length][];
        for (var g = 0; g < horizons.Length; g++)
        {
            forecasts[g] = new float[origins.Length * fitted.Length];
        }

        for (var k = 0; k < origins.Length; k++)
        {
            var origin = series.Length - 1 - origins[k];
            for (var m = 0; m < fitted.Length; m++)
            {
                for (var g = 0; g < horizons.Length; g++)
                {
                    forecasts[g][(k * fitted.Length) + m] = origin < 0 ? float.NaN : fitted[m].At(origin, horizons[g]);
                }
            }
        }

        return forecasts;
    }

    private void Walk(int g, int[] origins, float[] forecasts)
    {
        var horizon = resolution.Horizons[g];
        var days = (double)horizon / resolution.StepsPerDay;
        var stride = origins.Length > 1 ? origins[0] - origins[1] : 1;
        var halfLifeDays = series.Length <= 2 * resolution.StepsPerDay ? 0.15 : 0.7 + (1.3 * days);
        var judge = new ModelWeights(ModelCatalog.All, days, series.Spread, double.Exp2(-stride / (halfLifeDays * resolution.StepsPerDay)));
        var current = weights[g];
        var scored = 0;
        for (var k = 0; k < origins.Length; k++)
        {
            var origin = series.Length - 1 - origins[k];
            judge.Age();
            for (; scored < k && series.Length - 1 - origins[scored] + horizon <= origin; scored++)
            {
                var target = series.Length - 1 - origins[scored] + horizon;
                if (target >= horizon && series.Known[target])
                {
                    judge.Score(Of(forecasts, scored), series.Values[target]);
                }
            }

            var issued = Of(forecasts, k);
            judge.Weigh(issued, current);
            Keep(g, k, origin + horizon, issued, current);
        }
    }

    private ReadOnlySpan<float> Of(float[] forecasts, int k) => forecasts.AsSpan(k * fitted.Length, fitted.Length);

    private void Keep(int g, int k, int target, ReadOnlySpan<float> issued, double[] current)
    {
        Errors[g][k] = float.NaN;
        Scaled[g][k] = float.NaN;
        if (target >= series.Length || target < resolution.Horizons[g] || !series.Known[target])
        {
            return;
        }

        double forecast = 0, sum = 0;
        for (var m = 0; m < current.Length; m++)
        {
            if (current[m] > 0)
            {
                forecast += current[m] * issued[m];
                sum += current[m];
            }
        }

        if (sum <= 0)
        {
            return;
        }

        var error = series.Values[target] - forecast;
        Errors[g][k] = (float)error;
        Scaled[g][k] = (float)(error / Math.Sqrt(forecast + series.LogOffset));
        if (!float.IsNaN(issued[ModelCatalog.Yardstick]))
        {
            CombinedError[g] += Math.Abs(error);
            YardstickError[g] += Math.Abs(series.Values[target] - issued[ModelCatalog.Yardstick]);
            Compared[g]++;
        }
    }
}
