using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Combining;

/// <summary>
/// How the errors of a fleet's series grow with the horizon: per horizon of the grid the median, over the series, of each quantile's distance from the median error and of the
/// spread, in units of a series' own spread over its next steps.
/// </summary>
internal sealed class ErrorGrowth
{
    /// <summary>Leading horizons of the grid whose spread is a series' unit.</summary>
    private const int Near = 3;

    private readonly double[] distances;
    private readonly double[] spreads;

    private ErrorGrowth(double[] distances, double[] spreads) => (this.distances, this.spreads) = (distances, spreads);

    /// <summary>That of these series.</summary>
    public static ErrorGrowth Of(IEnumerable<SeriesState> states, StreamCore core)
    {
        var levels = ForecastPath.Levels.Length;
        var (distances, spreads) = (new List<double[]>(), new List<double[]>());
        foreach (var state in states)
        {
            var (quantiles, own) = (new double[state.Cadence.Grid.Length * levels], new double[state.Cadence.Grid.Length]);
            core.Errors(state, quantiles, own);
            if (Unit(own) is var unit and > 0)
            {
                distances.Add([.. quantiles.Select((q, i) => (q - quantiles[(i / levels * levels) + ForecastPath.Median]) / unit)]);
                spreads.Add([.. own.Select(s => s / unit)]);
            }
        }

        return new ErrorGrowth(Medians(distances), Medians(spreads));
    }

    /// <summary>Draws a series' own errors to these.</summary>
    /// <param name="share">0: they stay as they are; 1: the fleet's in the series' own unit.</param>
    public void Draw(double share, Span<double> quantiles, Span<double> own)
    {
        var unit = Unit(own);
        if (unit <= 0 || spreads.Length != own.Length)
        {
            return;
        }

        var levels = ForecastPath.Levels.Length;
        for (var i = 0; i < quantiles.Length; i++)
        {
            var median = quantiles[(i / levels * levels) + ForecastPath.Median];
            if (i % levels != ForecastPath.Median)
            {
                quantiles[i] = median + ((1 - share) * (quantiles[i] - median)) + (share * unit * distances[i]);
            }
        }

        for (var g = 0; g < own.Length; g++)
        {
            own[g] = ((1 - share) * own[g]) + (share * unit * spreads[g]);
        }
    }

    private static double Unit(ReadOnlySpan<double> spreads)
    {
        double sum = 0;
        var count = Math.Min(Near, spreads.Length);
        for (var g = 0; g < count; g++)
        {
            sum += spreads[g] / count;
        }

        return sum;
    }

    private static double[] Medians(List<double[]> rows) =>
        rows.Count == 0 ? [] : [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Select(r => r[i]).Order().ElementAt(rows.Count / 2))];
}
