namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>Settings of the forecaster. The defaults need no tuning; times are model time.</summary>
internal sealed class ForecastOptions
{
    /// <summary>Oldest history that is looked at, days, 1..28.</summary>
    public int HistoryDays { get; init; } = 28;

    /// <summary>Rolling origins per resolution on which every model is tried, 24..2000.</summary>
    public int Origins { get; init; } = 336;

    /// <summary>Days of own errors from which the quantiles are taken (half-life of their weights, days).</summary>
    public double QuantileHalfLifeDays { get; init; } = 4;

    /// <summary>Origins that must have been scored an hour ahead before a skill or a relative error is claimed.</summary>
    public int MinimumScored { get; init; } = 12;

    /// <summary>All problems of these settings, in words; empty when they are usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (HistoryDays is < 1 or > 28)
        {
            problems.Add($"Forecasting:HistoryDays is {HistoryDays}; it must be 1..28.");
        }

        if (Origins is < 24 or > 2000)
        {
            problems.Add($"Forecasting:Origins is {Origins}; it must be 24..2000.");
        }

        if (QuantileHalfLifeDays is not (> 0 and <= 28))
        {
            problems.Add($"Forecasting:QuantileHalfLifeDays is {QuantileHalfLifeDays}; it must be above 0 and at most 28.");
        }

        if (MinimumScored is < 3 or > 336)
        {
            problems.Add($"Forecasting:MinimumScored is {MinimumScored}; it must be 3..336.");
        }

        return problems;
    }
}
