namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>Holt-Winters on logarithms: level, damped trend, additive daily season (so all of them multiply in the series' own unit). Large errors are cut, so that one burst does not bend the season.</summary>
/// <param name="alpha">Weight of the newest error in the level.</param>
/// <param name="beta">Share of the level's change that goes into the trend.</param>
/// <param name="gamma">Weight of the newest error in the season.</param>
internal sealed class HoltWintersModel(double alpha, double beta, double gamma) : IForecastModel
{
    /// <summary>What is left of the trend a day ahead is next to nothing at this damping per step.</summary>
    private const double Damping = 0.97;

    // Sum of the damping's powers 1..h.
    private static readonly float[] Growth = BuildGrowth(2 * ForecastSteps.BucketsPerDay);

    public string Name => "Holt-Winters";

    public IFittedModel Fit(Series series)
    {
        var transform = series.Logarithms;
        var z = transform.Z;
        var day = series.StepsPerDay;
        if (z.Length < day)
        {
            return NoForecast.Instance;
        }

        var levels = new float[z.Length];
        var trends = new float[z.Length];
        var seasons = new float[z.Length];
        double level = 0;
        for (var i = 0; i < day; i++)
        {
            level += z[i] / (double)day;
        }

        var firstDay = Transform.Smooth(z[..day], Transform.Reach(day));
        double deviation = 0;
        for (var i = 0; i < day; i++)
        {
            levels[i] = (float)level;
            seasons[i] = firstDay[i] - (float)level;
            deviation += Math.Abs(z[i] - firstDay[i]) / day;
        }

        deviation = Math.Max(deviation, 0.05);
        double trend = 0;
        for (var i = day; i < z.Length; i++)
        {
            double season = seasons[i - day];
            var error = series.Known[i] ? z[i] - level - (Damping * trend) - season : 0;
            var cut = Math.Clamp(error, -4 * deviation, 4 * deviation);
            deviation += 0.02 * (Math.Min(Math.Abs(error), 6 * deviation) - deviation);
            deviation = Math.Max(deviation, 1e-3);
            level += (Damping * trend) + (alpha * cut);
            trend = (Damping * trend) + (alpha * beta * cut);
            levels[i] = (float)level;
            trends[i] = (float)trend;
            seasons[i] = (float)(season + (gamma * (1 - alpha) * cut));
        }

        return new Fitted(transform, day, levels, trends, seasons);
    }

    private static float[] BuildGrowth(int longest)
    {
        var growth = new float[longest + 1];
        for (var h = 1; h < growth.Length; h++)
        {
            growth[h] = (float)((growth[h - 1] + 1) * Damping);
        }

        return growth;
    }

    private sealed class Fitted(Transform transform, int day, float[] levels, float[] trends, float[] seasons) : IFittedModel
    {
        public float At(int origin, int horizon)
        {
            if (origin < day - 1)
            {
                return float.NaN;
            }

            var index = origin + horizon - (((horizon + day - 1) / day) * day);
            return transform.Back(levels[origin] + (Growth[horizon] * trends[origin]) + seasons[index]);
        }
    }
}
