using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// Weights of the models at one horizon, from their decayed mean absolute errors: w ∝ (error + 0.02 × smallest error)^-10. The high power nearly chooses,
/// yet averages models of equal worth. A model that was hardly scored counts with what is to be expected of it.
/// </summary>
internal sealed class ModelWeights
{
    /// <summary>Decayed scores from which on a model is judged by its own errors alone.</summary>
    private const double Enough = 12;

    /// <summary>Scores that the expectation is worth before the first.</summary>
    private const double ExpectationWeight = 1.5;

    /// <summary>Decayed scores that a model without an expectation needs before it counts.</summary>
    private const double Least = 2.5;

    private readonly double[] expected;
    private readonly double[] errors;
    private readonly double[] counts;
    private readonly double decay;

    /// <param name="models">The models.</param>
    /// <param name="days">Horizon, days.</param>
    /// <param name="spread">Mean absolute deviation of the series' last day.</param>
    /// <param name="decay">What a score is worth one origin later, 0..1.</param>
    public ModelWeights(IReadOnlyList<IForecastModel> models, double days, double spread, double decay)
    {
        expected = new double[models.Count];
        errors = new double[models.Count];
        counts = new double[models.Count];
        this.decay = decay;
        for (var m = 0; m < expected.Length; m++)
        {
            expected[m] = spread * models[m].ErrorBeforeScored(days);
        }
    }

    /// <summary>Time goes on by one origin.</summary>
    public void Age()
    {
        for (var m = 0; m < errors.Length; m++)
        {
            errors[m] *= decay;
            counts[m] *= decay;
        }
    }

    /// <summary>Scores the forecasts of one origin, whose target is known now. NaN forecasts are not scored.</summary>
    public void Score(ReadOnlySpan<float> forecasts, float actual)
    {
        for (var m = 0; m < forecasts.Length; m++)
        {
            if (!float.IsNaN(forecasts[m]))
            {
                errors[m] += Math.Abs(forecasts[m] - actual);
                counts[m]++;
            }
        }
    }

    /// <summary>The weights for forecasts made now; they sum to 1, those of NaN forecasts are 0. All 0 when no model has a forecast.</summary>
    public void Weigh(ReadOnlySpan<float> forecasts, Span<double> weights)
    {
        var best = double.MaxValue;
        for (var m = 0; m < weights.Length; m++)
        {
            weights[m] = float.IsNaN(forecasts[m]) ? double.NaN : Estimate(m);
            if (weights[m] < best)
            {
                best = weights[m];
            }
        }

        double sum = 0;
        for (var m = 0; m < weights.Length; m++)
        {
            // best may be 0 (a model that was never wrong): the tiny term keeps the ratio finite.
            var ratio = ((1.02 * best) + 1e-12) / (weights[m] + (0.02 * best) + 1e-12);
            var squared = ratio * ratio;
            var fourth = squared * squared;
            weights[m] = double.IsNaN(ratio) ? 0 : fourth * fourth * squared;
            sum += weights[m];
        }

        for (var m = 0; m < weights.Length && sum > 0; m++)
        {
            weights[m] /= sum;
        }
    }

    private double Estimate(int model)
    {
        var count = counts[model];
        if (double.IsNaN(expected[model]))
        {
            return count > Least ? errors[model] / count : double.NaN;
        }

        var k = ExpectationWeight * Math.Max(0, 1 - (count / Enough));
        return (errors[model] + (k * expected[model])) / (count + k);
    }
}
