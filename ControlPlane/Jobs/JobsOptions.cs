namespace ShardConsole.ControlPlane.Jobs;

/// <summary>What is done again and again. Section "Jobs".</summary>
internal sealed class JobsOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Jobs";

    /// <summary>Model minutes between two forecasts, 1..1440.</summary>
    public double ForecastMinutes { get; set; } = 5;

    /// <summary>
    /// Shortest real time between two forecasts, seconds, 5..3600: at a fast clock the processor has to do something else too. Turns that
    /// come due in between are merged.
    /// </summary>
    public int ForecastMinSeconds { get; set; } = 15;

    /// <summary>Jobs that run at once, 1..16.</summary>
    public int Workers { get; set; } = 2;

    /// <summary>Real minutes between two deletions of what is older than it is kept, 1..1440.</summary>
    public int TrimMinutes { get; set; } = 10;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (ForecastMinutes is not (>= 1 and <= 1440))
        {
            yield return $"--forecast-minutes {ForecastMinutes} is outside 1..1440.";
        }

        if (ForecastMinSeconds is < 5 or > 3600)
        {
            yield return $"Jobs:ForecastMinSeconds {ForecastMinSeconds} is outside 5..3600.";
        }

        if (Workers is < 1 or > 16)
        {
            yield return $"Jobs:Workers {Workers} is outside 1..16.";
        }

        if (TrimMinutes is < 1 or > 1440)
        {
            yield return $"Jobs:TrimMinutes {TrimMinutes} is outside 1..1440.";
        }
    }
}
