namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>Settings of the streaming forecaster. The defaults were found on public series as a whole and need no tuning.</summary>
internal sealed class StreamOptions
{
    /// <summary>Days after which what was learnt once (offset, scale) is learnt again, 1..28.</summary>
    public int RefitDays { get; init; } = 7;

    /// <summary>The one expert that forecasts alone (its number in <see cref="Models.Experts"/>); where it cannot tell, the last value does. Null: all are combined.</summary>
    public int? Forced { get; init; }

    /// <summary>Half-life of the regressions, days.</summary>
    public double RidgeDays { get; init; } = 10;

    /// <summary>ρ: how strongly coefficients are drawn to the prior.</summary>
    public double Ridge { get; init; } = 2;

    /// <summary>Half-life of the experts' errors, days, at horizon 0.</summary>
    public double WeightDays { get; init; } = 0.7;

    /// <summary>What a day of horizon adds to <see cref="WeightDays"/>.</summary>
    public double WeightDaysPerDay { get; init; } = 1.3;

    /// <summary>Half-life of the experts' errors in a series of at most two days.</summary>
    public double YoungWeightDays { get; init; } = 0.15;

    /// <summary>Decayed number of judged forecasts from which an expert counts.</summary>
    public double MinimumCount { get; init; } = 2.5;

    /// <summary>Half-life of the errors that quantiles come from, days, at horizon 0.</summary>
    public double QuantileDays { get; init; } = 4;

    /// <summary>What a day of horizon adds to <see cref="QuantileDays"/>.</summary>
    public double QuantileDaysPerDay { get; init; } = 12;

    /// <summary>How much wider the quantiles of a short history are.</summary>
    public double Widening { get; init; } = 0.7;
}
