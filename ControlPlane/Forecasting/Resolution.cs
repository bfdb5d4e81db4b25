namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>A step length and the horizons, in steps, at which models are tried on it; between them everything is interpolated in ln h.</summary>
/// <param name="StepsPerDay">Steps in a day.</param>
/// <param name="Horizons">Ascending.</param>
/// <param name="LargestStride">Largest distance of two origins, steps: origins then cover all times of a day evenly.</param>
internal sealed record Resolution(int StepsPerDay, int[] Horizons, int LargestStride)
{
    /// <summary>The next hour at 5 minutes.</summary>
    public static readonly Resolution Fine = new(288, [1, 2, 3, 6, 12], 6);

    /// <summary>The next day at an hour.</summary>
    public static readonly Resolution Coarse = new(24, [2, 3, 5, 7, 10, 14, 18, 21, 24], 1);

    /// <summary>The next day at 5 minutes: for histories so short that hours would be too few.</summary>
    public static readonly Resolution Young = new(288, [1, 2, 3, 6, 12, 24, 48, 96, 144, 192, 240, 276], 1);

    /// <summary>Index of a horizon in <see cref="Horizons"/>.</summary>
    public int IndexOf(int horizon) => Array.IndexOf(Horizons, horizon);

    /// <summary>Where a horizon lies: between Horizons[Low] and Horizons[Low + 1], Share of the way to the latter in ln h.</summary>
    public (int Low, double Share) Locate(int horizon)
    {
        if (horizon <= Horizons[0])
        {
            return (0, 0);
        }

        for (var i = 0; i + 1 < Horizons.Length; i++)
        {
            if (horizon < Horizons[i + 1])
            {
                return (i, Math.Log((double)horizon / Horizons[i]) / Math.Log((double)Horizons[i + 1] / Horizons[i]));
            }
        }

        return (Horizons.Length - 1, 0);
    }

    /// <summary>
    /// Origins, ascending, as distances from the end of the history (the last is 0: now). They depend on the length of the history alone, so that all
    /// segments are tried at the same moments and their errors can be compared.
    /// </summary>
    public int[] Origins(int length, int count)
    {
        var stride = Math.Clamp(length / count, 1, LargestStride);
        var origins = new int[Math.Clamp(length / stride, 1, count)];
        for (var k = 0; k < origins.Length; k++)
        {
            origins[k] = (origins.Length - 1 - k) * stride;
        }

        return origins;
    }
}
