namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>
/// The coefficients that a regression starts from and is drawn to, learnt over many real series (bench/run learn-prior). A step length without
/// a table of its own takes the nearest one's; horizons between those of the table are interpolated in ln h.
/// </summary>
internal static class Prior
{
    /// <summary>Fills [transform][grid][feature].</summary>
    public static void Fill(Cadence cadence, Span<double> beta)
    {
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            for (var g = 0; g < cadence.Grid.Length; g++)
            {
                At(cadence, transform, cadence.Grid[g], beta.Slice(((transform * cadence.Grid.Length) + g) * Features.Count, Features.Count));
            }
        }
    }

    /// <summary>Coefficients for one horizon.</summary>
    public static void At(Cadence cadence, int transform, int horizon, Span<double> beta)
    {
        var rows = PriorTable.Rows;
        var day = 0;
        foreach (var row in rows)
        {
            if (day == 0 || Math.Abs(Math.Log((double)row.Day / cadence.Day)) < Math.Abs(Math.Log((double)day / cadence.Day)))
            {
                day = row.Day;
            }
        }

        // Short horizons of a foreign step length are taken as steps, long ones as shares of a day.
        var h = day == cadence.Day ? horizon : horizon <= 3 ? horizon : Math.Max(3, (double)horizon * day / cadence.Day);
        float[]? below = null, above = null;
        int low = 0, high = 0;
        foreach (var row in rows)
        {
            if (row.Transform != transform || row.Day != day)
            {
                continue;
            }

            if (row.Horizon <= h)
            {
                (below, low) = (row.Beta, row.Horizon);
            }
            else if (above is null)
            {
                (above, high) = (row.Beta, row.Horizon);
            }
        }

        beta.Clear();
        if ((below ?? above) is null)
        {
            return;
        }

        var share = below is null || above is null ? 0 : Math.Log(h / low) / Math.Log((double)high / low);
        for (var i = 0; i < Features.Count; i++)
        {
            beta[i] = ((1 - share) * (below ?? above)![i]) + (share * (above ?? below)![i]);
        }
    }
}
