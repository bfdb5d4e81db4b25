namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// How much of each segment's error is shared by the whole fleet. The factor is the sum of all errors at a moment; a segment's loading comes from its
/// covariance with the errors of the *others*, so that independent segments are not taken to move together because each is part of the sum.
/// </summary>
internal static class SharedError
{
    /// <summary>Correlation that is assumed before there are errors to tell: traffic of one fleet tends to rise together.</summary>
    private const double Assumed = 0.3;

    /// <summary>Moments that the assumption is worth.</summary>
    private const double AssumedWeight = 12;

    /// <summary>Correlation of each segment's error with the shared factor, -0.95..0.95.</summary>
    /// <param name="errors">[segment][moment], NaN = none; null for a segment without errors.</param>
    public static float[] Correlations(IReadOnlyList<float[]?> errors)
    {
        var moments = errors.FirstOrDefault(e => e is not null)?.Length ?? 0;
        var total = new double[moments];
        var present = new bool[moments];
        foreach (var own in errors)
        {
            for (var k = 0; own is not null && k < moments; k++)
            {
                if (!float.IsNaN(own[k]))
                {
                    total[k] += own[k];
                    present[k] = true;
                }
            }
        }

        var count = present.Count(p => p);
        var variances = new double[errors.Count];
        var covariances = new double[errors.Count];
        double shared = 0;
        for (var s = 0; s < variances.Length; s++)
        {
            (variances[s], covariances[s]) = errors[s] is { } own ? Moments(own, total) : (0, 0);
            shared += covariances[s];
        }

        // shared = variance of the sum - sum of the variances: what the factor alone explains.
        var factorSd = Math.Sqrt(Math.Max(0, shared));
        var correlations = new float[errors.Count];
        for (var s = 0; s < correlations.Length; s++)
        {
            var found = factorSd > 0 && variances[s] > 0 ? covariances[s] / factorSd / Math.Sqrt(variances[s]) : 0;
            var blended = ((count * Math.Clamp(found, -0.95, 0.95)) + (AssumedWeight * Assumed)) / (count + AssumedWeight);
            correlations[s] = (float)blended;
        }

        return correlations;
    }

    // Variance of a segment's errors, and their covariance with the errors of all others.
    private static (double Variance, double Covariance) Moments(float[] own, double[] total)
    {
        double meanOwn = 0, meanRest = 0;
        var count = 0;
        for (var k = 0; k < own.Length; k++)
        {
            if (!float.IsNaN(own[k]))
            {
                meanOwn += own[k];
                meanRest += total[k] - own[k];
                count++;
            }
        }

        if (count < 2)
        {
            return (0, 0);
        }

        meanOwn /= count;
        meanRest /= count;
        double variance = 0, covariance = 0;
        for (var k = 0; k < own.Length; k++)
        {
            if (!float.IsNaN(own[k]))
            {
                variance += (own[k] - meanOwn) * (own[k] - meanOwn);
                covariance += (own[k] - meanOwn) * (total[k] - own[k] - meanRest);
            }
        }

        return (variance / count, covariance / count);
    }
}
