using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Streaming;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Forecasts all segments of a metric. Deterministic: the same input gives the same result.</summary>
internal static class ForecastEngine
{
    /// <summary>The forecast of the next day, from a whole history.</summary>
    public static ForecastResult Run(ForecastInput input, ForecastOptions options) =>
        Run(FleetForecaster.Fit(input, new StreamOptions(), CancellationToken.None), input.Metric, input.Events, options, CancellationToken.None);

    /// <summary>The forecast of the next day, from what was learnt.</summary>
    public static ForecastResult Run(
        FleetForecaster fleet, LoadMetric metric, IReadOnlyList<AnnouncedEvent> events, ForecastOptions options, CancellationToken cancellation)
    {
        var segments = fleet.Forecast(cancellation);
        var starts = ForecastSteps.Starts(fleet.End);
        var spans = ForecastSteps.Spans();
        Announce(events, segments, starts, spans);
        var sd = Columns(segments, s => s.Sd);
        var frame = new ForecastFrame(
            fleet.End, metric, starts, spans, Columns(segments, s => s.Mean), Columns(segments, s => s.Q10), Columns(segments, s => s.Q50),
            Columns(segments, s => s.Q90), [.. segments.Select(s => s.Model)], [.. segments.Select(s => RelativeError(s, options))]);
        return new ForecastResult(
            frame, new ForecastRisk(sd, [SharedLoadings(segments, sd)]), new ForecastSkill(Skill(segments, 0, options), Skill(segments, 1, options)),
            [.. segments.Select(s => s.Coverage)], fleet.HistoryDays);
    }

    /// <summary>
    /// The forecast of another metric from that of a metric that drives it, by the ratio of the two over the last day of their histories
    /// (per segment; drawn to the fleet's ratio where a segment has hardly any load). Costs next to nothing.
    /// </summary>
    /// <param name="driver">The forecast of the driving metric (Cpu).</param>
    /// <param name="driverHistory">Its history, as in <see cref="ForecastInput"/>.</param>
    /// <param name="metric">What is derived.</param>
    /// <param name="history">Its history, of the same shape.</param>
    public static ForecastResult Derive(ForecastResult driver, float[][] driverHistory, LoadMetric metric, float[][] history)
    {
        var ratios = Ratios(driverHistory, history);
        float[][] Scale(IReadOnlyList<float[]> columns) =>
            [.. columns.Select(column => column.Select((value, s) => (float)(value * ratios[s])).ToArray())];

        var frame = driver.Frame with
        {
            Metric = metric,
            Mean = Scale(driver.Frame.Mean),
            Q10 = Scale(driver.Frame.Q10),
            Q50 = Scale(driver.Frame.Q50),
            Q90 = Scale(driver.Frame.Q90),
        };
        IReadOnlyList<IReadOnlyList<float[]>> loadings = [.. driver.Risk.Loadings.Select(Scale)];
        return driver with { Frame = frame, Risk = new ForecastRisk(Scale(driver.Risk.Sd), loadings) };
    }

    private static void Announce(IReadOnlyList<AnnouncedEvent> events, SegmentForecast[] segments, DateTimeOffset[] starts, TimeSpan[] spans)
    {
        foreach (var announced in events)
        {
            IEnumerable<SegmentId> touched = announced.Segments ?? [.. Enumerable.Range(0, segments.Length).Select(s => new SegmentId((ushort)s))];
            foreach (var segment in touched.Where(s => s.Value < segments.Length))
            {
                for (var k = 0; k < starts.Length; k++)
                {
                    segments[segment.Value].Multiply(k, announced.FactorOf(starts[k], spans[k]));
                }
            }
        }
    }

    private static float[][] Columns(SegmentForecast[] segments, Func<SegmentForecast, double[]> values)
    {
        var columns = new float[ForecastSteps.Count][];
        for (var k = 0; k < columns.Length; k++)
        {
            columns[k] = new float[segments.Length];
            for (var s = 0; s < segments.Length; s++)
            {
                columns[k][s] = (float)values(segments[s])[k];
            }
        }

        return columns;
    }

    private static float[][] SharedLoadings(SegmentForecast[] segments, float[][] sd)
    {
        var correlations = new float[SegmentForecast.Groups][];
        for (var g = 0; g < correlations.Length; g++)
        {
            correlations[g] = SharedError.Correlations([.. segments.Select(s => s.Errors[g])]);
        }

        var loadings = new float[sd.Length][];
        for (var k = 0; k < sd.Length; k++)
        {
            var correlation = correlations[SegmentForecast.GroupOf(k)];
            loadings[k] = new float[segments.Length];
            for (var s = 0; s < segments.Length; s++)
            {
                loadings[k][s] = correlation[s] * sd[k][s];
            }
        }

        return loadings;
    }

    private static float RelativeError(SegmentForecast segment, ForecastOptions options)
    {
        var (own, yardstick, count) = segment.Skill[0];
        if (count < options.MinimumScored)
        {
            return float.NaN;
        }

        return yardstick > 0 ? (float)(own / yardstick) : own > 0 ? 99 : 1;
    }

    private static double Skill(SegmentForecast[] segments, int horizon, ForecastOptions options)
    {
        double own = 0, yardstick = 0;
        foreach (var segment in segments)
        {
            if (segment.Skill[horizon].Count >= options.MinimumScored)
            {
                own += segment.Skill[horizon].Own / segment.Skill[horizon].Count;
                yardstick += segment.Skill[horizon].Yardstick / segment.Skill[horizon].Count;
            }
        }

        return yardstick > 0 ? 1 - (own / yardstick) : double.NaN;
    }

    private static double[] Ratios(float[][] driverHistory, float[][] history)
    {
        var driven = history.Select(LastDay).ToArray();
        var drivers = driverHistory.Select(LastDay).ToArray();
        var fleet = drivers.Sum() > 0 ? driven.Sum() / drivers.Sum() : 0;

        // A hundredth of the mean segment's load is what it takes to outweigh the fleet's ratio.
        var weight = drivers.Length == 0 ? 0 : 0.01 * drivers.Sum() / drivers.Length;
        return [.. drivers.Select((d, s) => d + weight > 0 ? ((s < driven.Length ? driven[s] : 0) + (weight * fleet)) / (d + weight) : 0)];
    }

    private static double LastDay(float[] history)
    {
        double sum = 0;
        for (var i = Math.Max(0, history.Length - ForecastSteps.BucketsPerDay); i < history.Length; i++)
        {
            sum += float.IsFinite(history[i]) ? history[i] : 0;
        }

        return sum;
    }
}
