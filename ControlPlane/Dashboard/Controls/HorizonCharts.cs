using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Charts over the horizon: skill, coverage and weights. Pure.</summary>
internal static class HorizonCharts
{
    /// <summary>Models shown by name; the rest is "others".</summary>
    private const int Named = 5;

    /// <summary>Least skill that is drawn: what is worse says no more.</summary>
    private const double Floor = -0.6;

    /// <summary>"5 min", "4 h", "22.5 h".</summary>
    public static string Ahead(int minutes) => minutes < 60 ? $"{minutes} min" : FormattableString.Invariant($"{minutes / 60.0:0.#} h");

    /// <summary>Skill of the combination and of the models that weigh most, against repeating yesterday.</summary>
    public static ChartModel Skill(HorizonReport report, string key)
    {
        var judged = Judged(report);
        return Over(judged, $"skill|{key}", "Skill by horizon: " + Words(judged, h => h.Skill)) with
        {
            Min = Floor,
            Max = 1,
            Limits = [new ChartLimit(0, "", "text2")],
            Series =
            [
                .. Leading(judged).Select((name, i) => Line(name, Colour(i), "line", judged, h => h.ExpertSkills.TryGetValue(name, out var s) ? Math.Max(Floor, s) : double.NaN, 1.2)),
                Line("auto (combined)", "forecast", "line", judged, h => Math.Max(Floor, h.Skill), 2.5),
            ],
        };
    }

    /// <summary>What bands promised, as lines, and what they caught, as dots.</summary>
    public static ChartModel Coverage(HorizonReport report, string key)
    {
        var judged = Judged(report);
        return Over(judged, $"coverage|{key}", "Share caught by the 90 % band: " + Words(judged, h => h.Coverage[^1])) with
        {
            Min = 0.3,
            Max = 1,
            Limits = [.. BandCoverage.Promised.Select(p => new ChartLimit(p, Show.Percent(p), "text2"))],
            Series = [.. BandCoverage.Promised.Select((p, b) => Line($"{Show.Percent(p)} band", "forecast", "dots", judged, h => h.Coverage[b]))],
        };
    }

    /// <summary>Who is in the forecast: weights, stacked to one.</summary>
    public static ChartModel Weights(HorizonReport report, string key)
    {
        var judged = Judged(report);
        var names = Leading(judged);
        var others = Line("others", "text3", "stack", judged, h => Math.Max(0, 1 - names.Sum(n => h.Weights.GetValueOrDefault(n))));
        return Over(judged, $"weights|{key}", "Weights by horizon: " + string.Join(", ", names)) with
        {
            Max = 1,
            Series = [.. names.Select((name, i) => Line(name, Colour(i), "stack", judged, h => h.Weights.GetValueOrDefault(name))), others],
        };
    }

    private static HorizonQuality[] Judged(HorizonReport report) => [.. report.Horizons.Where(h => double.IsFinite(h.Skill))];

    private static string[] Leading(HorizonQuality[] judged) =>
        [.. judged.SelectMany(h => h.Weights).GroupBy(w => w.Key).OrderByDescending(w => w.Sum(x => x.Value)).ThenBy(w => w.Key, StringComparer.Ordinal).Take(Named).Select(w => w.Key)];

    private static string Colour(int i) => ((string[])["node1", "node6", "node5", "node2", "node3"])[i];

    private static ChartModel Over(HorizonQuality[] judged, string key, string words) => new(key, words, "percent") { Categories = [.. judged.Select(h => Ahead(h.LeadMinutes))] };

    private static string Words(HorizonQuality[] judged, Func<HorizonQuality, double> value) => string.Join(", ", judged.Select(h => $"{Show.Percent(value(h))} at {Ahead(h.LeadMinutes)}")) + ".";

    private static ChartSeries Line(string name, string colour, string kind, HorizonQuality[] judged, Func<HorizonQuality, double> value, double width = 1.5) =>
        new(name, colour, kind, [], [.. judged.Select(h => ChartModels.Known(value(h)))], width);
}
