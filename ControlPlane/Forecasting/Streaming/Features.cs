namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>The 14 features of the regressions, all relative to the mean of the last day. None of them looks beyond its origin.</summary>
internal static class Features
{
    /// <summary>Number of features.</summary>
    public const int Count = 14;

    /// <summary>Fills those that do not depend on the horizon: newest values, smoothed levels, profiles of the moment itself, drift, constant.</summary>
    public static void FillOrigin(Scale scale, Cadence cadence, int t, Span<float> x)
    {
        var (z, m) = (scale.Z, scale.DayMean[t]);
        var d = cadence.Day;
        x[0] = z[t] - m;
        x[1] = t >= 1 ? z[t - 1] - m : 0;
        x[2] = t >= 2 ? z[t - 2] - m : 0;
        x[3] = scale.Fast[t] - m;
        x[4] = scale.Slow[t] - m;
        x[6] = (float)scale.DayProfile(t - d, m) - m;
        x[8] = (float)scale.RawDayProfile(t - d, m) - m;
        x[11] = (float)scale.WeekProfile(t - cadence.Week, m) - m;
        x[12] = t >= 2 * d ? m - scale.DayMean[t - d] : 0;
        x[13] = 1;
    }

    /// <summary>Fills those that depend on the horizon: profiles of day and week at the target.</summary>
    public static void FillTarget(Scale scale, Cadence cadence, int t, int h, Span<float> x)
    {
        var m = scale.DayMean[t];
        var (d, w) = (cadence.Day, cadence.Week);
        var td = Math.Min(t + h - ((h + d - 1) / d * d), t - cadence.SmoothHalf);
        var tw = Math.Min(t + h - ((h + w - 1) / w * w), t - cadence.SmoothHalf);
        x[5] = (float)scale.DayProfile(td, m) - m;
        x[7] = (float)scale.RawDayProfile(td, m) - m;
        x[9] = (td >= 0 ? scale.Smooth[td] : m) - m;
        x[10] = (float)scale.WeekProfile(tw, m) - m;
    }

    /// <summary>Mean of values[i], values[i - stride], …, at most <paramref name="count"/> of them; 0 where there is none.</summary>
    public static double Mean(float[] values, int i, int stride, int count)
    {
        double sum = 0;
        var n = 0;
        for (; n < count && i >= 0; n++, i -= stride)
        {
            sum += values[i];
        }

        return n == 0 ? 0 : sum / n;
    }
}
