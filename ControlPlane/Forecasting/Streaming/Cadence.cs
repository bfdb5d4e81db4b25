namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>What follows from the length of a step and the farthest horizon: seasons, the horizons that are learnt, smoothing and what is kept. Immutable.</summary>
internal sealed class Cadence
{
    /// <summary>Steps between two solutions of the regressions.</summary>
    public const int Batch = 12;

    /// <summary>Days of history that are kept.</summary>
    private const int KeptDays = 28;

    private const double SecondsPerDay = 86400;

    private Cadence(int stepSeconds, int day, int horizon)
    {
        StepSeconds = stepSeconds;
        Day = day;
        Horizon = horizon;
        Grid = GridOf(day, horizon);
        IssueEvery = [.. Grid.Select(h => day >= 96 && h * 12 >= day ? 3 : 1)];
        EveryStep = IssueEvery.Count(e => e == 1);
        IssueKept = [.. Grid.Select((h, g) => (h / IssueEvery[g]) + 1)];
        ResidualEvery = [.. Grid.Select((h, g) => IssueEvery[g] * (day < 96 || h == 1 ? 1 : h * 24 <= day ? 2 : 4))];
        ResidualKept = [.. ResidualEvery.Select((e, g) => Math.Max(24, Math.Min((day >= 96 && IssueEvery[g] == 1 ? 9 : 14) * day, 4032) / e))];
    }

    /// <summary>Length of a step, seconds.</summary>
    public int StepSeconds { get; }

    /// <summary>d: steps in a day (in a week where a step is half a day or longer), at least 2.</summary>
    public int Day { get; }

    /// <summary>w: steps in a week.</summary>
    public int Week => 7 * Day;

    /// <summary>Farthest horizon, steps.</summary>
    public int Horizon { get; }

    /// <summary>Horizons that are learnt, ascending, never a multiple of a day; between them coefficients and weights are linear in ln h.</summary>
    public int[] Grid { get; }

    /// <summary>Per grid horizon: every so many steps the experts' forecasts are remembered until they can be judged.</summary>
    public int[] IssueEvery { get; }

    /// <summary>Leading horizons of the grid whose forecasts are remembered at every step.</summary>
    public int EveryStep { get; }

    /// <summary>Steps after which those of all horizons are.</summary>
    public int IssueAll => IssueEvery.Length == 0 ? 1 : IssueEvery[^1];

    /// <summary>Per grid horizon: forecasts that wait to be judged.</summary>
    public int[] IssueKept { get; }

    /// <summary>Per grid horizon: every so many steps an error is kept for the quantiles.</summary>
    public int[] ResidualEvery { get; }

    /// <summary>Per grid horizon: errors kept.</summary>
    public int[] ResidualKept { get; }

    /// <summary>Values on each side that the centred smoother takes.</summary>
    public int SmoothHalf => Day >= 96 ? 2 : Day >= 48 ? 1 : 0;

    /// <summary>Values kept at most. One day more than needed, so that the buffer is moved once a day.</summary>
    public int Kept => (KeptDays + 1) * Day;

    /// <summary>The cadence of a series.</summary>
    /// <param name="stepSeconds">Length of a step, seconds, at least 1.</param>
    /// <param name="horizon">Farthest horizon that will be asked for, steps, at least 1.</param>
    public static Cadence Of(int stepSeconds, int horizon)
    {
        var day = (int)Math.Round(SecondsPerDay / stepSeconds);
        return new Cadence(stepSeconds, day >= 3 ? day : 7, horizon);
    }

    /// <summary>Where a horizon lies: between Grid[Low] and Grid[Low + 1], Share of the way to the latter in ln h.</summary>
    public (int Low, double Share) Locate(int horizon)
    {
        for (var g = 0; g + 1 < Grid.Length; g++)
        {
            if (horizon < Grid[g + 1])
            {
                return horizon <= Grid[g] ? (g, 0) : (g, Math.Log((double)horizon / Grid[g]) / Math.Log((double)Grid[g + 1] / Grid[g]));
            }
        }

        return (Grid.Length - 1, 0);
    }

    private static int[] GridOf(int day, int horizon)
    {
        double[] shares = [8.0 / 288, 12.0 / 288, 1 / 12.0, 1 / 6.0, 1 / 3.0, 0.5, 2 / 3.0, 5 / 6.0, 15 / 16.0];
        int[] known = day switch
        {
            288 => [1, 2, 3, 6, 12, 24, 48, 96, 144, 192, 240, 270],
            48 => [1, 2, 4, 8, 16, 24, 32, 40, 45],
            24 => [1, 2, 3, 6, 9, 12, 16, 20, 22],
            _ => [1, 2, 3, .. shares.Select(s => (int)Math.Round(s * day)).Where(h => h > 3)],
        };
        double[] beyond = [1.25, 1.5, 1.75, 1.92, 2.5, 3.5, 5.5, 6.5];
        return [.. known.Concat(beyond.Select(b => (int)Math.Round(b * day))).Where(h => h <= horizon && h % day != 0).Distinct().Order()];
    }
}
