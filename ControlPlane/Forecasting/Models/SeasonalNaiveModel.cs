namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>What was measured at the same time one period ago. By day it is the yardstick of skill.</summary>
/// <param name="days">Period, days: 1 or 7.</param>
internal sealed class SeasonalNaiveModel(int days) : IForecastModel
{
    public string Name => days == 1 ? "same time yesterday" : "same time last week";

    public IFittedModel Fit(Series series) => new Fitted(series.Values, days * series.StepsPerDay);

    private sealed class Fitted(float[] values, int period) : IFittedModel
    {
        public float At(int origin, int horizon)
        {
            var index = origin + horizon - (((horizon + period - 1) / period) * period);
            return index >= 0 ? values[index] : float.NaN;
        }
    }
}
