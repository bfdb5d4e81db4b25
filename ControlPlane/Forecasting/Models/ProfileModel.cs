namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// The usual course of a day (mean of the last days at the same time, smoothed over neighbours), or of a week, plus how far the last hour was above or
/// below it; that deviation halves every four hours.
/// </summary>
/// <param name="days">Period, days: 1 or 7.</param>
/// <param name="logarithmic">Deviations multiply instead of adding.</param>
internal sealed class ProfileModel(int days, bool logarithmic) : IForecastModel
{
    public string Name => (days, logarithmic) switch
    {
        (1, false) => "day profile",
        (1, true) => "scaled day profile",
        (_, false) => "week profile",
        _ => "scaled week profile",
    };

    public IFittedModel Fit(Series series)
    {
        var period = days * series.StepsPerDay;
        if (series.Length < period)
        {
            return NoForecast.Instance;
        }

        var transform = logarithmic ? series.Logarithms : series.Plain;
        var reach = Transform.Reach(series.StepsPerDay);
        var smooth = Transform.Smooth(transform.Z, reach);
        var depth = days == 1 ? 7 : 4;
        var profile = new float[smooth.Length];
        for (var i = 0; i < profile.Length; i++)
        {
            float sum = 0;
            var count = 0;
            for (var j = i; j >= 0 && count < depth; j -= period)
            {
                sum += smooth[j];
                count++;
            }

            profile[i] = sum / count;
        }

        return new Fitted(transform, profile, period, reach, Math.Max(1, series.StepsPerDay / 24), Fading(series.StepsPerDay));
    }

    private static float[] Fading(int stepsPerDay)
    {
        var fading = new float[stepsPerDay + 1];
        for (var h = 0; h < fading.Length; h++)
        {
            fading[h] = (float)double.Exp2(-6.0 * h / stepsPerDay);
        }

        return fading;
    }

    private sealed class Fitted(Transform transform, float[] profile, int period, int reach, int recent, float[] fading) : IFittedModel
    {
        private int rememberedOrigin = -1;
        private double deviation;

        public float At(int origin, int horizon)
        {
            // Not beyond origin - reach: the smoothed values behind it have seen the future.
            var index = Math.Min(origin + horizon - (((horizon + period - 1) / period) * period), origin - reach);
            if (index < 0)
            {
                return float.NaN;
            }

            if (origin != rememberedOrigin)
            {
                deviation = Deviation(origin);
                rememberedOrigin = origin;
            }

            return transform.Back(profile[index] + (deviation * fading[horizon]));
        }

        private double Deviation(int origin)
        {
            double sum = 0;
            var count = 0;
            for (var i = origin; i > origin - recent && i - period >= 0; i--)
            {
                sum += transform.Z[i] - profile[i - period];
                count++;
            }

            return count == 0 ? 0 : sum / count;
        }
    }
}
