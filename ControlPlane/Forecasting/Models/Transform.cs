namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>A series as models see it: as it is, or as z = ln(y + c), where levels and seasons multiply.</summary>
internal sealed class Transform
{
    private readonly float offset;
    private readonly bool logarithmic;
    private readonly float lowest;
    private readonly float highest;

    public Transform(Series series, bool logarithmic)
    {
        this.logarithmic = logarithmic;
        offset = (float)series.LogOffset;
        Z = new float[series.Length];
        lowest = float.MaxValue;
        highest = float.MinValue;
        for (var i = 0; i < Z.Length; i++)
        {
            Z[i] = logarithmic ? MathF.Log(series.Values[i] + offset) : series.Values[i];
            lowest = Math.Min(lowest, Z[i]);
            highest = Math.Max(highest, Z[i]);
        }

        var range = highest - lowest;
        lowest -= 0.1f * range;
        highest += 0.25f * range;
    }

    /// <summary>The transformed values.</summary>
    public float[] Z { get; }

    /// <summary>Back to the unit of the series. z is first held inside what was seen, and a quarter above: a log forecast that runs away would be absurd. At least 0.</summary>
    public float Back(double z)
    {
        var held = Math.Clamp((float)z, lowest, highest);
        return Math.Max(0, logarithmic ? MathF.Exp(held) - offset : held);
    }

    /// <summary>Centred mean over 2 × <paramref name="reach"/> + 1 values, narrower at both ends.</summary>
    public static float[] Smooth(float[] z, int reach)
    {
        if (reach == 0)
        {
            return z;
        }

        var smooth = new float[z.Length];
        double sum = 0;
        int from = 0, to = 0;
        for (var i = 0; i < z.Length; i++)
        {
            for (; to <= Math.Min(z.Length - 1, i + reach); to++)
            {
                sum += z[to];
            }

            for (; from < i - reach; from++)
            {
                sum -= z[from];
            }

            smooth[i] = (float)(sum / (to - from));
        }

        return smooth;
    }

    /// <summary>Values that a centred mean reaches to either side: 2 at 5 minutes, none at an hour.</summary>
    public static int Reach(int stepsPerDay) => stepsPerDay >= 96 ? 2 : stepsPerDay >= 48 ? 1 : 0;
}
