namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>The median of the last eighth of a day: for thin series, which are mostly quiet with a burst now and then.</summary>
internal sealed class RobustLevelModel : IForecastModel
{
    public string Name => "robust level";

    public IFittedModel Fit(Series series) => new Fitted(series, Math.Max(5, series.StepsPerDay / 8));

    private sealed class Fitted(Series series, int window) : IFittedModel
    {
        private readonly float[] sorted = new float[window];
        private int rememberedOrigin = -1;
        private float remembered;

        // Every horizon of an origin is asked in a row: one median serves them all.
        public float At(int origin, int horizon)
        {
            if (origin != rememberedOrigin)
            {
                var from = Math.Max(0, origin - window + 1);
                var part = sorted.AsSpan(0, origin - from + 1);
                series.Values.AsSpan(from, part.Length).CopyTo(part);
                part.Sort();
                remembered = part[part.Length / 2];
                rememberedOrigin = origin;
            }

            return remembered;
        }
    }
}
