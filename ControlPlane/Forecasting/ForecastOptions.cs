namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Settings of the forecaster. The defaults need no tuning; times are model time.</summary>
internal sealed class ForecastOptions
{
    /// <summary>Oldest history that is looked at, days, 1..28.</summary>
    public int HistoryDays { get; init; } = 28;

    /// <summary>Forecasts that must have been judged an hour ahead before a skill or a relative error is claimed.</summary>
    public int MinimumScored { get; init; } = 12;

    /// <summary>All problems of these settings, in words; empty when they are usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (HistoryDays is < 1 or > 28)
        {
            problems.Add($"Forecasting:HistoryDays is {HistoryDays}; it must be 1..28.");
        }

        if (MinimumScored is < 3 or > 336)
        {
            problems.Add($"Forecasting:MinimumScored is {MinimumScored}; it must be 3..336.");
        }

        return problems;
    }
}
