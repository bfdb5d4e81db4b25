namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>The last value goes on.</summary>
internal sealed class LastValueModel : IForecastModel
{
    public string Name => "last value";

    public IFittedModel Fit(Series series) => new Fitted(series.Values);

    private sealed class Fitted(float[] values) : IFittedModel
    {
        public float At(int origin, int horizon) => values[origin];
    }
}
