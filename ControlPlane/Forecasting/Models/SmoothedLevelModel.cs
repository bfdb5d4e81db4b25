namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>Exponential smoothing without trend or season: the smoothed level goes on.</summary>
/// <param name="alpha">Weight of the newest value, 0..1.</param>
internal sealed class SmoothedLevelModel(double alpha) : IForecastModel
{
    public string Name => "smoothed level";

    public IFittedModel Fit(Series series)
    {
        var levels = new float[series.Length];
        double level = series.Values[0];
        for (var i = 0; i < levels.Length; i++)
        {
            // The first values are averaged, or a small alpha would stick to the very first.
            var weight = Math.Max(alpha, 1.0 / (i + 1));
            level += series.Known[i] ? weight * (series.Values[i] - level) : 0;
            levels[i] = (float)level;
        }

        return new Fitted(levels);
    }

    private sealed class Fitted(float[] levels) : IFittedModel
    {
        public float At(int origin, int horizon) => levels[origin];
    }
}
