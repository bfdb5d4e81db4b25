namespace ShardConsole.ControlPlane.History;

/// <summary>How much history is kept. Model time, but where another is named. Section "History".</summary>
internal sealed class HistoryOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "History";

    /// <summary>How long 10 s frames are kept, hours, 1..720.</summary>
    public int TenSecondsHours { get; set; } = 6;

    /// <summary>How long 1 min frames are kept, hours, 1..8760.</summary>
    public int MinuteHours { get; set; } = 72;

    /// <summary>How long 5 min frames are kept, days, 15..3650: forecasts read fourteen.</summary>
    public int FiveMinutesDays { get; set; } = 42;

    /// <summary>How long 1 h frames are kept, days, 15..36500.</summary>
    public int HourDays { get; set; } = 730;

    /// <summary>Real seconds between two writes of what has come, 1..60. A kill loses at most this much: as a gap.</summary>
    public int FlushSeconds { get; set; } = 2;

    /// <summary>Columns that one read may ask for, 100..1000000.</summary>
    public int MaxColumns { get; set; } = 20_000;

    /// <summary>How long frames of a tier are kept.</summary>
    public TimeSpan Retention(HistoryTier tier) => tier switch
    {
        HistoryTier.TenSeconds => TimeSpan.FromHours(TenSecondsHours),
        HistoryTier.Minute => TimeSpan.FromHours(MinuteHours),
        HistoryTier.FiveMinutes => TimeSpan.FromDays(FiveMinutesDays),
        _ => TimeSpan.FromDays(HourDays),
    };

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (TenSecondsHours is < 1 or > 720)
        {
            yield return $"History:TenSecondsHours {TenSecondsHours} is outside 1..720.";
        }

        if (MinuteHours is < 1 or > 8760)
        {
            yield return $"History:MinuteHours {MinuteHours} is outside 1..8760.";
        }

        if (FiveMinutesDays is < 15 or > 3650)
        {
            yield return $"History:FiveMinutesDays {FiveMinutesDays} is outside 15..3650.";
        }

        if (HourDays is < 15 or > 36_500)
        {
            yield return $"History:HourDays {HourDays} is outside 15..36500.";
        }

        if (FlushSeconds is < 1 or > 60)
        {
            yield return $"History:FlushSeconds {FlushSeconds} is outside 1..60.";
        }

        if (MaxColumns is < 100 or > 1_000_000)
        {
            yield return $"History:MaxColumns {MaxColumns} is outside 100..1000000.";
        }
    }
}
