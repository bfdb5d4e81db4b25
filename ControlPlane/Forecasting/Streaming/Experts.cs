namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>The experts whose forecasts are combined, by their numbers, and those of them that follow from the values alone.</summary>
internal static class Experts
{
    /// <summary>Number of experts.</summary>
    public const int Count = 9;

    /// <summary>Regression on logarithms.</summary>
    public const int Log = 0;

    /// <summary>Regression on the values.</summary>
    public const int Linear = 1;

    /// <summary>The same slot yesterday: the yardstick.</summary>
    public const int Yesterday = 2;

    /// <summary>The same slot last week.</summary>
    public const int LastWeek = 3;

    /// <summary>The last value.</summary>
    public const int Last = 4;

    /// <summary>Daily profile with a decaying level.</summary>
    public const int Profile = 5;

    /// <summary>First of the flat exponential means.</summary>
    public const int FirstLevel = 6;

    /// <summary>Where the combination's own error stands, behind those of the experts.</summary>
    public const int Combined = Count;

    /// <summary>Forecasts that are judged: the experts and their combination.</summary>
    public const int Judged = Count + 1;

    /// <summary>What is remembered of an issued forecast: both regressions and the combination. The other experts follow from the values.</summary>
    public const int Issued = 3;

    /// <summary>Shown to people.</summary>
    public static readonly string[] Names =
    [
        "profile regression (log)", "profile regression", "seasonal naive (day)", "seasonal naive (week)", "last value", "profile with level",
        "smoothing 0.5", "smoothing 0.2", "smoothing 0.05",
    ];

    /// <summary>What the command line calls them, in their order; "auto" is the combination.</summary>
    public static readonly string[] Switches =
        ["regression-log", "regression", "snaive-day", "snaive-week", "last", "profile", "smoothing-0.5", "smoothing-0.2", "smoothing-0.05"];

    /// <summary>Forecasts made at index <paramref name="t"/> for t + h by the experts that need no coefficients; NaN where one cannot tell.</summary>
    public static void Fill(Workspace work, SeriesState state, int t, int h, Span<double> forecasts)
    {
        var (d, w) = (state.Cadence.Day, state.Cadence.Week);
        var (y, linear) = (work.Values, work.Scales[1]);
        var day = t + h - ((h + d - 1) / d * d);
        var week = t + h - ((h + w - 1) / w * w);
        forecasts[Yesterday] = day >= 0 ? y[day] : double.NaN;
        forecasts[LastWeek] = week >= 0 ? y[week] : double.NaN;
        forecasts[Last] = y[t];
        forecasts[Profile] = ProfileAt(state, linear, y, t, h, day);
        for (var a = 0; a < Workspace.LevelCount; a++)
        {
            forecasts[FirstLevel + a] = work.Levels[a][t];
        }
    }

    private static double ProfileAt(SeriesState state, Scale linear, float[] y, int t, int h, int day)
    {
        var d = state.Cadence.Day;
        var near = Math.Max(1, d / 24);
        if (t - d - near < 0)
        {
            // Within the second day there is no level to compare with yet: yesterday's shape as it was, smoothed.
            return day < 0 ? double.NaN : Math.Max(0, (linear.Smooth[Math.Max(0, Math.Min(day, t - state.Cadence.SmoothHalf))] * state.Scale[1]) + state.Centre[1]);
        }

        double actual = 0, expected = 0;
        for (var j = 0; j < near; j++)
        {
            actual += y[t - j];
            expected += Features.Mean(linear.Smooth, t - j - d, d, 7, 0);
        }

        var profile = Features.Mean(linear.Smooth, Math.Min(day, t - state.Cadence.SmoothHalf), d, 7, 0);
        var deviation = (actual / near) - ((expected / near * state.Scale[1]) + state.Centre[1]);
        return Math.Max(0, (profile * state.Scale[1]) + state.Centre[1] + (Math.Pow(0.5, h * 6.0 / d) * deviation));
    }
}
