namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// What past errors at one horizon say of the next. Quantiles and Sd are of (actual − forecast) ÷ √(forecast + c), because busy hours err by more; Mean is of
/// actual − forecast itself: divided, the errors of forecasts near 0 would count far too much.
/// </summary>
internal readonly record struct ErrorSpread(double Mean, double Q10, double Q50, double Q90, double Sd)
{
    /// <summary>Standard normal quantile of 0.9.</summary>
    private const double NormalQuantile90 = 1.2815515655446004;

    /// <summary>Share of errors far outside the band from which on they are no exception.</summary>
    private const double UsuallyWild = 0.02;

    /// <summary>Errors below which they say nothing of their spread.</summary>
    private const int Few = 8;

    /// <summary>
    /// Spreads of all horizons. Newer errors weigh more. They are widened about the median for long horizons and short histories, where the past errors
    /// are few and of one kind. A horizon with hardly any errors takes those of the next shorter one, widened by the root of the horizons' ratio;
    /// with none at all, the spread of the last day.
    /// </summary>
    public static ErrorSpread[] Of(Trial trial, Series series, Resolution resolution, int stride, double halfLifeDays)
    {
        var spreads = new ErrorSpread[resolution.Horizons.Length];
        var errors = new float[trial.Scaled[0].Length];
        var ages = new float[errors.Length];
        var perOrigin = stride / (halfLifeDays * resolution.StepsPerDay);
        for (var g = 0; g < spreads.Length; g++)
        {
            var count = Gather(trial.Scaled[g], errors, ages);
            if (count < Few)
            {
                spreads[g] = g == 0 ? Guess(series) : spreads[g - 1].Widen(Math.Sqrt((double)resolution.Horizons[g] / resolution.Horizons[g - 1]));
                continue;
            }

            var days = (double)resolution.Horizons[g] / resolution.StepsPerDay;
            var historyDays = (double)series.Length / resolution.StepsPerDay;
            var widening = 1 + (0.7 * Math.Sqrt(days) / Math.Max(historyDays, 0.5));
            spreads[g] = Weighted(errors.AsSpan(0, count), ages.AsSpan(0, count), perOrigin).Widen(widening) with { Mean = MeanError(trial.Errors[g], perOrigin) };
        }

        return spreads;
    }

    /// <summary>
    /// Share of the newer half of the errors between q10 and q90 of the older half: a check on errors that the quantiles have not seen, drawn towards the
    /// promised 0.8 where there are few. NaN below 24 errors.
    /// </summary>
    public static float Coverage(float[] scaled)
    {
        var errors = new float[scaled.Length];
        var ages = new float[scaled.Length];
        var count = Gather(scaled, errors, ages);
        if (count < 24)
        {
            return float.NaN;
        }

        var older = Weighted(errors.AsSpan(0, count / 2).ToArray(), ages.AsSpan(0, count / 2).ToArray(), 0);
        var held = 0;
        for (var i = count / 2; i < count; i++)
        {
            held += errors[i] >= older.Q10 && errors[i] <= older.Q90 ? 1 : 0;
        }

        var newer = count - (count / 2);
        return (float)((held + 16.0) / (newer + 20.0));
    }

    /// <summary>Between two horizons.</summary>
    public static ErrorSpread Mix(ErrorSpread low, ErrorSpread high, double share) =>
        new(
            low.Mean + (share * (high.Mean - low.Mean)), low.Q10 + (share * (high.Q10 - low.Q10)), low.Q50 + (share * (high.Q50 - low.Q50)),
            low.Q90 + (share * (high.Q90 - low.Q90)), low.Sd + (share * (high.Sd - low.Sd)));

    private static int Gather(float[] scaled, float[] errors, float[] ages)
    {
        var count = 0;
        for (var k = 0; k < scaled.Length; k++)
        {
            if (!float.IsNaN(scaled[k]))
            {
                errors[count] = scaled[k];
                ages[count++] = scaled.Length - 1 - k;
            }
        }

        return count;
    }

    // Sorts both spans.
    private static ErrorSpread Weighted(Span<float> errors, Span<float> ages, double perOrigin)
    {
        errors.Sort(ages);
        double total = 0, mean = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            ages[i] = (float)double.Exp2(-perOrigin * ages[i]);
            total += ages[i];
            mean += ages[i] * errors[i];
        }

        mean /= total;
        double squares = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            squares += ages[i] * (errors[i] - mean) * (errors[i] - mean);
        }

        var (q10, q50, q90) = (Quantile(errors, ages, 0.1 * total), Quantile(errors, ages, 0.5 * total), Quantile(errors, ages, 0.9 * total));

        // For sums the variance counts, but one wild hour must not rule the whole day after it: at most twice what the band says. Where wild errors are usual
        // (a quiet series with bursts, whose band is next to nothing), they are the variance.
        var band = (q90 - q10) / (2 * NormalQuantile90);
        double wild = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            wild += Math.Abs(errors[i] - q50) > 4 * band ? ages[i] : 0;
        }

        var sd = Math.Sqrt(squares / total);
        var capped = wild > UsuallyWild * total ? Math.Max(sd, band) : Math.Clamp(sd, band, 2 * band);
        return new ErrorSpread(0, q10, q50, q90, capped);
    }

    // The mean error, as far as it stands out of its own uncertainty. Of a quiet series with bursts the median is 0 and the mean is not: this brings it back.
    // Errors of neighbouring origins resemble each other: n of them are worth n (1 - r) / (1 + r), r the correlation of neighbours.
    private static double MeanError(float[] errors, double perOrigin)
    {
        double total = 0, mean = 0;
        var count = 0;
        for (var k = 0; k < errors.Length; k++)
        {
            if (!float.IsNaN(errors[k]))
            {
                var weight = double.Exp2(-perOrigin * (errors.Length - 1 - k));
                total += weight;
                mean += weight * errors[k];
                count++;
            }
        }

        mean /= total;
        double squares = 0, products = 0, previous = 0;
        for (var k = 0; k < errors.Length; k++)
        {
            if (!float.IsNaN(errors[k]))
            {
                squares += (errors[k] - mean) * (errors[k] - mean);
                products += (errors[k] - mean) * previous;
                previous = errors[k] - mean;
            }
        }

        var r = squares > 0 ? Math.Clamp(products / squares, 0, 0.98) : 0;
        var uncertainty = squares / count / (count * (1 - r) / (1 + r));
        return mean == 0 ? 0 : mean * mean * mean / ((mean * mean) + uncertainty);
    }

    private static double Quantile(Span<float> sorted, Span<float> weights, double mass)
    {
        double sum = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var next = sum + weights[i];
            if (next >= mass)
            {
                // Between the middles of neighbours, so that the quantile of few errors is not always one of them.
                var middle = sum + (weights[i] / 2);
                if (mass >= middle || i == 0)
                {
                    return i + 1 < sorted.Length ? Between(sorted[i], sorted[i + 1], (mass - middle) / ((weights[i] + weights[i + 1]) / 2)) : sorted[i];
                }

                return Between(sorted[i - 1], sorted[i], 1 - ((middle - mass) / ((weights[i] + weights[i - 1]) / 2)));
            }

            sum = next;
        }

        return sorted[^1];
    }

    private static double Between(double low, double high, double share) => low + (Math.Clamp(share, 0, 1) * (high - low));

    private static ErrorSpread Guess(Series series)
    {
        // The last day's mean absolute deviation stands for its standard deviation; a series of one value has hardly any, and half of the value is assumed.
        var spread = series.Length < 6 ? Math.Max(series.Spread, 0.5 * series.Mean) : series.Spread;
        var sd = 1.25 * spread / Math.Sqrt(series.Mean + series.LogOffset);
        return new ErrorSpread(0, -0.8 * sd, 0, sd, 0.8 * sd);
    }

    private ErrorSpread Widen(double by) =>
        new(Mean, Q50 + (by * (Q10 - Q50)), Q50, Q50 + (by * (Q90 - Q50)), by * Sd);
}
