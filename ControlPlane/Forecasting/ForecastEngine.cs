using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Forecasts all segments of a metric. Deterministic: the same input gives the same result.</summary>
internal static class ForecastEngine
{
    /// <summary>The forecast of the next day.</summary>
    public static ForecastResult Run(ForecastInput input, ForecastOptions options) => throw new NotSupportedException($"{input.Now} {options.Origins}");

    /// <summary>
    /// The forecast of another metric from that of a metric that drives it, by the ratio of the two over the last day of their histories
    /// (per segment; shrunk to the fleet's ratio where a segment has hardly any load). Costs next to nothing.
    /// </summary>
    /// <param name="driver">The forecast of the driving metric (Cpu).</param>
    /// <param name="driverHistory">Its history, as in <see cref="ForecastInput"/>.</param>
    /// <param name="metric">What is derived.</param>
    /// <param name="history">Its history, of the same shape.</param>
    public static ForecastResult Derive(ForecastResult driver, float[][] driverHistory, LoadMetric metric, float[][] history) =>
        throw new NotSupportedException($"{driver} {driverHistory.Length} {metric} {history.Length}");
}
