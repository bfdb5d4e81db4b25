namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>What is left after one step of what halves in so many days; computed anew only where the length of a step changes. One instance per thread.</summary>
/// <param name="days">Half-life, days, above 0.</param>
/// <param name="steps">Steps that are taken at once.</param>
internal sealed class Halving(double days, int steps = 1)
{
    private int day;
    private double factor;

    /// <summary>The factor, above 0 and below 1, where a day has <paramref name="d"/> steps.</summary>
    public double Of(int d)
    {
        if (d != day)
        {
            (day, factor) = (d, Math.Pow(0.5, steps / (days * d)));
        }

        return factor;
    }
}
