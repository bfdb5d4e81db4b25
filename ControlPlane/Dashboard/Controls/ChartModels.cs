using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Makes charts from the API's series.</summary>
internal static class ChartModels
{
    /// <summary>Measured load, then the forecast's median in its band.</summary>
    /// <param name="scale">What the values are divided by: 1000 shows mcore as cores.</param>
    public static ChartModel Fan(LoadSeries series, DateTimeOffset now, string key, string words, string unit, double scale)
    {
        IReadOnlyList<double?> Scaled(IReadOnlyList<double> values) => [.. values.Select(v => Known(v / scale))];
        var ahead = Millis(series.ForecastTimes);
        return new ChartModel(key, words, unit)
        {
            Now = now.ToUnixTimeMilliseconds(),
            Bands = ahead.Count == 0 ? [] : [new ChartBand("80 % band", "forecast", ahead, Scaled(series.Q10), Scaled(series.Q90))],
            Series =
            [
                new ChartSeries("measured", "text2", "area", Millis(series.Times), Scaled(series.Measured)),
                .. ahead.Count == 0 ? Array.Empty<ChartSeries>() : [new ChartSeries("forecast", "forecast", "line", ahead, Scaled(series.Q50), 2)],
            ],
        };
    }

    /// <summary>Unix milliseconds.</summary>
    public static IReadOnlyList<long> Millis(IReadOnlyList<DateTimeOffset> times) => [.. times.Select(t => t.ToUnixTimeMilliseconds())];

    /// <summary>The value, null where it is not a number: JSON has no NaN.</summary>
    public static double? Known(double value) => double.IsFinite(value) ? value : null;
}
