namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>Working arrays of one transform over the values that are kept, index 0 the oldest. Reused from series to series; holds nothing between two calls.</summary>
internal sealed class Scale
{
    /// <summary>Standardised values.</summary>
    public float[] Z { get; private set; } = [];

    /// <summary>Centred moving mean of <see cref="Z"/>; the last half-width is not complete and is never read as of its own time.</summary>
    public float[] Smooth { get; private set; } = [];

    /// <summary>Mean of the last day up to and with the index.</summary>
    public float[] DayMean { get; private set; } = [];

    /// <summary>Exponential mean, half-life 6 · d / 288 steps (at least 0.7).</summary>
    public float[] Fast { get; private set; } = [];

    /// <summary>Exponential mean, half-life 48 · d / 288 steps (at least 0.7).</summary>
    public float[] Slow { get; private set; } = [];

    /// <summary>Makes room for <paramref name="length"/> values.</summary>
    public void Reserve(int length)
    {
        if (Z.Length >= length)
        {
            return;
        }

        (Z, Smooth, DayMean, Fast, Slow) = (new float[length], new float[length], new float[length], new float[length], new float[length]);
    }

    /// <summary>Fills the arrays from <see cref="Z"/>.</summary>
    public void Derive(Cadence cadence, int length)
    {
        var k = cadence.SmoothHalf;
        for (var i = 0; i < length; i++)
        {
            double sum = 0;
            var (from, to) = (Math.Max(0, i - k), Math.Min(length - 1, i + k));
            for (var j = from; j <= to; j++)
            {
                sum += Z[j];
            }

            Smooth[i] = (float)(sum / (to - from + 1));
        }

        var d = cadence.Day;
        double day = 0;
        var (fast, slow) = (AlphaOf(6, d), AlphaOf(48, d));
        double quick = Z[0], sluggish = Z[0];
        for (var i = 0; i < length; i++)
        {
            day += Z[i] - (i >= d ? Z[i - d] : 0);
            DayMean[i] = (float)(day / Math.Min(d, i + 1));
            quick += fast * (Z[i] - quick);
            sluggish += slow * (Z[i] - sluggish);
            Fast[i] = (float)quick;
            Slow[i] = (float)sluggish;
        }
    }

    private static double AlphaOf(double halfLife, int day) => 1 - Math.Pow(0.5, 1 / Math.Max(0.7, halfLife * day / 288));
}
