namespace ShardConsole.ControlPlane.Jobs;

/// <summary>Makes a forecast outside its turn.</summary>
internal interface IForecastTrigger
{
    /// <summary>Model time between two forecasts; a forecast older than twice this is stale.</summary>
    TimeSpan Interval { get; }

    /// <summary>Turns that came due while a forecast was being made and were merged into it.</summary>
    long MergedTurns { get; }

    /// <summary>Makes a forecast now, or waits for the one that is being made. True when a forecast was stored; false where there is no history yet.</summary>
    Task<bool> RunNowAsync(CancellationToken cancellation);
}
