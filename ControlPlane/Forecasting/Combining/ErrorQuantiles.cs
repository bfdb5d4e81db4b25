using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Combining;

/// <summary>Quantiles from the combination's own errors, the newer the heavier, wider while the history is short: split-conformal, adapting online.</summary>
internal sealed class ErrorQuantiles(StreamOptions options)
{
    /// <summary>Standard deviation, as a share of the mean, that a series has at least while nothing is known of its errors.</summary>
    private const double LeastSpread = 0.1;

    /// <summary>Fills the quantiles of the errors at a grid horizon, in units of √(forecast + c), and their mean without the outermost. Returns their standard deviation.</summary>
    public double Fill(Workspace work, SeriesState state, int g, Span<double> quantiles, out double mean)
    {
        var cadence = state.Cadence;
        var (d, every, kept) = (cadence.Day, cadence.ResidualEvery[g], cadence.ResidualKept[g]);
        var at = 0;
        for (var k = 0; k < g; k++)
        {
            at += cadence.ResidualKept[k];
        }

        var days = options.QuantileDays + (options.QuantileDaysPerDay * cadence.Grid[g] / d);
        var newest = (state.First + state.Length - 1) / every;
        var count = 0;
        double total = 0, sum = 0, squares = 0;
        var (present, step) = (1.0, Math.Pow(0.5, every / (days * d)));
        for (var age = 0; age < kept && age <= newest; age++, present *= step)
        {
            var r = (float)state.Residuals[at + (int)((newest - age) % kept)];
            if (!float.IsNaN(r))
            {
                var weight = (float)present;
                (work.Errors[count], work.Weights[count]) = (r, weight);
                count++;
                total += weight;
                sum += weight * r;
                squares += weight * r * r;
            }
        }

        if (count < 3)
        {
            mean = 0;
            return Unknown(work, state, quantiles);
        }

        var sorted = work.Errors.AsSpan(0, count);
        var shares = work.Weights.AsSpan(0, count);
        sorted.Sort(shares);
        mean = TrimmedMean(sorted, shares, total);
        double passed = 0;
        var q = 0;
        for (var k = 0; k < count && q < quantiles.Length; k++)
        {
            passed += shares[k];
            while (q < quantiles.Length && passed >= ForecastPath.Levels[q] * total)
            {
                quantiles[q++] = sorted[k];
            }
        }

        for (; q < quantiles.Length; q++)
        {
            quantiles[q] = sorted[count - 1];
        }

        var wider = 1 + (options.Widening * Math.Sqrt((double)cadence.Grid[g] / d) / Math.Max((double)state.Length / d, 0.5));
        var median = quantiles[ForecastPath.Median];
        foreach (ref var value in quantiles)
        {
            value = median + (wider * (value - median));
        }

        return wider * Math.Sqrt(Math.Max(0, (squares / total) - (sum / total * (sum / total))));
    }

    // The mean of sorted errors, the outermost hundredth on either side taken as the last value inside.
    private static double TrimmedMean(ReadOnlySpan<float> sorted, ReadOnlySpan<float> shares, double total)
    {
        var (low, high) = (0, sorted.Length - 1);
        for (double below = 0; low < high && (below += shares[low]) < 0.01 * total; low++)
        {
        }

        for (double above = 0; high > low && (above += shares[high]) < 0.01 * total; high--)
        {
        }

        double sum = 0;
        for (var k = 0; k < sorted.Length; k++)
        {
            sum += shares[k] * Math.Clamp(sorted[k], sorted[low], sorted[high]);
        }

        return sum / total;
    }

    // Too few errors to speak of: a guess from the last day, and where that is a minute or two, from the level alone.
    private static double Unknown(Workspace work, SeriesState state, Span<double> quantiles)
    {
        ReadOnlySpan<double> guess = [-0.5, -0.4, -0.2, 0, 0.2, 0.4, 0.6];
        var n = Math.Min(state.Length, state.Cadence.Day);
        double mean = 0, square = 0;
        for (var i = state.Length - n; i < state.Length; i++)
        {
            mean += work.Values[i] / (double)n;
        }

        for (var i = state.Length - n; i < state.Length; i++)
        {
            square += (work.Values[i] - mean) * (work.Values[i] - mean) / n;
        }

        square = Math.Max(square, LeastSpread * LeastSpread * mean * mean);
        for (var q = 0; q < quantiles.Length; q++)
        {
            quantiles[q] = guess[q] * Math.Sqrt(square) / Math.Sqrt(mean + state.Offset);
        }

        return 0.4 * Math.Sqrt(square) / Math.Sqrt(mean + state.Offset);
    }
}
