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

    private const int Days = 7;
    private const int RawDays = 5;
    private const int Weeks = 4;

    private float[] day = [];
    private float[] rawDay = [];
    private float[] week = [];
    private int profiles;
    private Cadence cadence = null!;

    /// <summary>Mean of <see cref="Smooth"/> at index <paramref name="i"/> and in the same slot of the six days before; <paramref name="missing"/> where the index is below 0.</summary>
    public double DayProfile(int i, double missing) => i < 0 ? missing : i < profiles ? day[i] : Mean(Smooth, i, cadence.Day, Days);

    /// <summary>The same of <see cref="Z"/> over five days.</summary>
    public double RawDayProfile(int i, double missing) => i < 0 ? missing : i < profiles ? rawDay[i] : Mean(Z, i, cadence.Day, RawDays);

    /// <summary>The same of <see cref="Smooth"/> over four weeks.</summary>
    public double WeekProfile(int i, double missing) => i < 0 ? missing : i < profiles ? week[i] : Mean(Smooth, i, cadence.Week, Weeks);

    /// <summary>Computes the profiles of all moments at once, which pays where each is asked for many times. What they say is the same.</summary>
    public void FillProfiles(int length)
    {
        if (day.Length < length)
        {
            (day, rawDay, week) = (new float[Z.Length], new float[Z.Length], new float[Z.Length]);
        }

        for (var i = 0; i < length; i++)
        {
            day[i] = Mean(Smooth, i, cadence.Day, Days);
            rawDay[i] = Mean(Z, i, cadence.Day, RawDays);
            week[i] = Mean(Smooth, i, cadence.Week, Weeks);
        }

        profiles = length;
    }

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
        (this.cadence, profiles) = (cadence, 0);
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

    private static float Mean(float[] values, int i, int stride, int count)
    {
        double sum = 0;
        var n = 0;
        for (; n < count && i >= 0; n++, i -= stride)
        {
            sum += values[i];
        }

        return (float)(sum / n);
    }

    private static double AlphaOf(double halfLife, int day) => 1 - Math.Pow(0.5, 1 / Math.Max(0.7, halfLife * day / 288));
}
