using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Combining;

/// <summary>Weights of the experts at a horizon of the grid: a high negative power of the decayed mean absolute error of what each really issued.</summary>
internal sealed class ExpertWeights(StreamOptions options)
{
    /// <summary>Fills the weights, which sum to 1. Before any expert can be judged the last value has all of it.</summary>
    public void Fill(SeriesState state, int g, Span<double> weights)
    {
        weights.Clear();
        if (options.Forced is { } forced)
        {
            weights[forced] = 1;
            return;
        }

        var best = double.MaxValue;
        for (var e = 0; e < weights.Length; e++)
        {
            var count = state.ErrorCount[(g * Experts.Judged) + e];
            weights[e] = count > options.MinimumCount ? state.ErrorSum[(g * Experts.Judged) + e] / count : double.NaN;
            best = weights[e] < best ? weights[e] : best;
        }

        AssumeProfile(state, g, weights, ref best);
        double sum = 0;
        for (var e = 0; e < weights.Length; e++)
        {
            var ratio = best > 0 ? 1.02 * best / (weights[e] + (0.02 * best)) : weights[e] == 0 ? 1 : 0;
            var square = ratio * ratio;
            weights[e] = double.IsNaN(weights[e]) ? 0 : square * square * square * square * square;
            sum += weights[e];
        }

        for (var e = 0; e < weights.Length; e++)
        {
            weights[e] = sum > 0 ? weights[e] / sum : e == Experts.Last ? 1 : 0;
        }
    }

    /// <summary>The weighted mean of those forecasts that there are; the last value where there is none.</summary>
    public static double Combine(ReadOnlySpan<double> weights, ReadOnlySpan<double> forecasts)
    {
        double total = 0, sum = 0;
        for (var e = 0; e < weights.Length; e++)
        {
            if (weights[e] > 0 && !double.IsNaN(forecasts[e]))
            {
                total += weights[e];
                sum += weights[e] * forecasts[e];
            }
        }

        return total > 0 ? Math.Max(0, sum / total) : forecasts[Experts.Last];
    }

    // In the second day yesterday's shape can be repeated before that was ever judged. Far ahead it is the better guess, near the last value is: 0.4 times the best
    // error from an eighth of a day on, 1.2 times at once.
    private static void AssumeProfile(SeriesState state, int g, Span<double> errors, ref double best)
    {
        var (d, h) = (state.Cadence.Day, state.Cadence.Grid[g]);
        if (double.IsNaN(errors[Experts.Profile]) && state.Length >= d && state.Length < 3 * d)
        {
            errors[Experts.Profile] = best == double.MaxValue ? 1 : best * Math.Clamp(1.2 - (6.0 * h / d), 0.4, 1.2);
            best = Math.Min(best, errors[Experts.Profile]);
        }
    }
}
