using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>The experts whose forecasts are combined, by their numbers. A saved state depends on their order.</summary>
internal static class Experts
{
    /// <summary>The same slot yesterday: the yardstick.</summary>
    public const int Yesterday = 2;

    /// <summary>The last value.</summary>
    public const int Last = 4;

    /// <summary>Daily profile with a decaying level.</summary>
    public const int Profile = 5;

    /// <summary>The patterns that names and sizes are taken from; they learn nothing.</summary>
    private static readonly IExpert[] Patterns = Create(new StreamOptions());

    /// <summary>Number of experts.</summary>
    public static int Count => Patterns.Length;

    /// <summary>Where the combination's own error stands, behind those of the experts.</summary>
    public static int Combined => Patterns.Length;

    /// <summary>Forecasts that are judged: the experts and their combination.</summary>
    public static int Judged => Patterns.Length + 1;

    /// <summary>Per expert: its place among the forecasts that are remembered until they can be judged; -1: it is asked again instead.</summary>
    public static int[] IssuedAt { get; } = [.. Patterns.Select((e, i) => e.Recallable ? -1 : Patterns.Take(i).Count(p => !p.Recallable))];

    /// <summary>Forecasts that are remembered: those of experts that cannot be asked again, then the combination.</summary>
    public static int Issued { get; } = Patterns.Count(p => !p.Recallable) + 1;

    /// <summary>Shown to people, by number.</summary>
    public static string[] Names { get; } = [.. Patterns.Select(e => e.Name)];

    /// <summary>What the command line calls them, by number; "auto" is the combination.</summary>
    public static string[] Switches { get; } = [.. Patterns.Select(e => e.Switch)];

    /// <summary>The experts of one thread.</summary>
    public static IExpert[] Create(StreamOptions options)
    {
        var waves = HarmonicRegression.CreateWaves();
        return
        [
            new ProfileRegression(0, options), new ProfileRegression(1, options), new Repetition(1, "seasonal naive (day)", "snaive-day"), new Repetition(7, "seasonal naive (week)", "snaive-week"),
            new LastValue(), new ProfileLevel(), new FlatSmoothing(0), new FlatSmoothing(1), new FlatSmoothing(2),
            new HoltWinters(), new Theta(), new HarmonicRegression(0, waves), new HarmonicRegression(1, waves), new Arima(0), new PiecewiseTrend(), new Arima(1),
        ];
    }

    /// <summary>Where each expert's numbers begin in a series' memory; the last element is its length.</summary>
    public static int[] MemoryAt(Cadence cadence)
    {
        var at = new int[Patterns.Length + 1];
        for (var e = 0; e < Patterns.Length; e++)
        {
            at[e + 1] = at[e] + Patterns[e].MemorySize(cadence);
        }

        return at;
    }
}
