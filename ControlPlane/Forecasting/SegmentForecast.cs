namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Forecast of one segment: one value per step of <see cref="ForecastSteps"/>.</summary>
internal sealed class SegmentForecast
{
    /// <summary>Steps whose errors are looked at together when it comes to what is shared: the next hour, then up to 4 h, 13 h and 24 h ahead.</summary>
    public const int Groups = 4;

    public double[] Mean { get; } = new double[ForecastSteps.Count];

    public double[] Q10 { get; } = new double[ForecastSteps.Count];

    public double[] Q50 { get; } = new double[ForecastSteps.Count];

    public double[] Q90 { get; } = new double[ForecastSteps.Count];

    public double[] Sd { get; } = new double[ForecastSteps.Count];

    /// <summary>Model that weighs most an hour ahead.</summary>
    public string Model { get; private set; } = "none";

    /// <summary>Past errors per group, for <see cref="SharedError"/>; null where there are none.</summary>
    public float[]?[] Errors { get; } = new float[Groups][];

    /// <summary>Absolute errors (own, repeating yesterday, number) an hour ahead, then 23 h ahead.</summary>
    public (double Own, double Yardstick, int Count)[] Skill { get; } = new (double, double, int)[2];

    /// <summary>Share of errors inside the band; NaN unknown.</summary>
    public float Coverage { get; private set; } = float.NaN;

    /// <summary>The group of a step.</summary>
    public static int GroupOf(int step) => step < ForecastSteps.Fine ? 0 : step < ForecastSteps.Fine + 3 ? 1 : step < ForecastSteps.Fine + 12 ? 2 : 3;

    /// <summary>Forecasts one history (5-minute buckets, NaN = gap). Without a measured value everything is NaN; an all-zero history costs nothing.</summary>
    /// <param name="young">The whole fleet's history is shorter than a day: hours would be too few to learn from.</param>
    public static SegmentForecast Of(ReadOnlySpan<float> history, bool young, ForecastOptions options)
    {
        var forecast = new SegmentForecast();
        var longest = options.HistoryDays * ForecastSteps.BucketsPerDay;
        var fine = Series.Of(history, ForecastSteps.BucketsPerDay, longest);
        if (fine is null)
        {
            foreach (var values in new[] { forecast.Mean, forecast.Q10, forecast.Q50, forecast.Q90, forecast.Sd })
            {
                Array.Fill(values, double.NaN);
            }

            return forecast;
        }

        if (fine.Largest <= 0)
        {
            forecast.Model = "zero";
            return forecast;
        }

        // Origins follow the whole length, not this segment's part of it: errors of different segments are compared moment by moment.
        var length = Math.Min(history.Length, longest);
        forecast.Fill(fine, young ? Resolution.Young : Resolution.Fine, length, options);
        if (!young)
        {
            var coarse = Series.Of(Series.Coarsen(history, ForecastSteps.Fine), Resolution.Coarse.StepsPerDay, longest / ForecastSteps.Fine);
            forecast.Fill(coarse ?? fine, coarse is null ? Resolution.Young : Resolution.Coarse, coarse is null ? length : length / ForecastSteps.Fine, options);
        }

        return forecast;
    }

    /// <summary>Multiplies a step, for an announced event.</summary>
    public void Multiply(int step, double factor)
    {
        foreach (var values in new[] { Mean, Q10, Q50, Q90, Sd })
        {
            values[step] *= factor;
        }
    }

    private void Fill(Series series, Resolution resolution, int length, ForecastOptions options)
    {
        var origins = resolution.Origins(length, options.Origins);
        var trial = Trial.Run(series, resolution, origins);
        var stride = origins.Length > 1 ? origins[0] - origins[1] : 1;
        var spreads = ErrorSpread.Of(trial, series, resolution, stride, options.QuantileHalfLifeDays);
        if (resolution != Resolution.Coarse)
        {
            for (var k = 0; k < ForecastSteps.Fine; k++)
            {
                Set(k, k + 1, trial.Forecast(k + 1), series, resolution, spreads);
            }

            var hour = resolution.IndexOf(12);
            Model = trial.Describe(12);
            Coverage = ErrorSpread.Coverage(trial.Scaled[hour]);
            Errors[0] = trial.Errors[hour];
            Skill[0] = (trial.CombinedError[hour], trial.YardstickError[hour], trial.Compared[hour]);
        }

        if (resolution != Resolution.Fine)
        {
            FillHours(series, resolution, trial, spreads);
        }
    }

    private void FillHours(Series series, Resolution resolution, Trial trial, ErrorSpread[] spreads)
    {
        var perHour = resolution.StepsPerDay / 24;
        for (var k = ForecastSteps.Fine; k < ForecastSteps.Count; k++)
        {
            var last = (k - ForecastSteps.Fine + 2) * perHour;
            double sum = 0;
            for (var h = last - perHour + 1; h <= last; h++)
            {
                sum += trial.Forecast(h);
            }

            Set(k, last, sum / perHour, series, resolution, spreads);
        }

        int[] horizons = resolution == Resolution.Coarse ? [3, 10, 21] : [24, 96, 240];
        for (var g = 0; g < horizons.Length; g++)
        {
            Errors[g + 1] = trial.Errors[resolution.IndexOf(horizons[g])];
        }

        var day = resolution.Horizons.Length - 1;
        Skill[1] = (trial.CombinedError[day], trial.YardstickError[day], trial.Compared[day]);
    }

    private void Set(int step, int horizon, double forecast, Series series, Resolution resolution, ErrorSpread[] spreads)
    {
        var (low, share) = resolution.Locate(horizon);
        var spread = share > 0 ? ErrorSpread.Mix(spreads[low], spreads[low + 1], share) : spreads[low];
        var scale = Math.Sqrt(forecast + series.LogOffset);
        Mean[step] = Math.Max(0, forecast + spread.Mean);
        Q10[step] = Math.Max(0, forecast + (spread.Q10 * scale));
        Q50[step] = Math.Max(Q10[step], forecast + (spread.Q50 * scale));
        Q90[step] = Math.Max(Q50[step], forecast + (spread.Q90 * scale));
        Sd[step] = spread.Sd * scale;
    }
}
