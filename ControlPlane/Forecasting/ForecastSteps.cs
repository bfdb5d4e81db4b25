namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>The steps of every forecast: the next hour at 5 minutes, the rest of the next day at an hour.</summary>
internal static class ForecastSteps
{
    /// <summary>Steps of 5 minutes.</summary>
    public const int Fine = 12;

    /// <summary>Steps of an hour, from one hour ahead on.</summary>
    public const int Coarse = 23;

    /// <summary>All steps.</summary>
    public const int Count = Fine + Coarse;

    /// <summary>Buckets of 5 minutes in a day.</summary>
    public const int BucketsPerDay = 288;

    /// <summary>Start of each step of a forecast made at <paramref name="now"/>.</summary>
    public static DateTimeOffset[] Starts(DateTimeOffset now)
    {
        var starts = new DateTimeOffset[Count];
        for (var k = 0; k < Count; k++)
        {
            starts[k] = k < Fine ? now.AddMinutes(5 * k) : now.AddHours(k - Fine + 1);
        }

        return starts;
    }

    /// <summary>Length of each step.</summary>
    public static TimeSpan[] Spans()
    {
        var spans = new TimeSpan[Count];
        for (var k = 0; k < Count; k++)
        {
            spans[k] = k < Fine ? TimeSpan.FromMinutes(5) : TimeSpan.FromHours(1);
        }

        return spans;
    }
}
