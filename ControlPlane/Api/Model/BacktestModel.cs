using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>How a backtest stands, and the newest one that came to its end.</summary>
/// <param name="Running">Whether one runs now.</param>
/// <param name="Progress">Of the one that runs, 0..1.</param>
/// <param name="Failure">Why the last one gave no result; null where it did, or none was asked for.</param>
/// <param name="MadeAt">When the result was made, model time; null where there is none.</param>
internal sealed record BacktestView(bool Running, double Progress, string? Failure, DateTimeOffset? MadeAt, string? By, BacktestResult? Result);

/// <summary>Backtests of the cluster's own history. Safe for concurrent use.</summary>
internal interface IBacktestDesk
{
    /// <summary>Raised when the view changed.</summary>
    event Action? Changed;

    /// <summary>How it stands. What another process stored is seen.</summary>
    Task<BacktestView> ViewAsync(CancellationToken cancellation);

    /// <summary>Starts one; refused while one runs.</summary>
    /// <param name="days">Days over which origins roll, 1..14.</param>
    /// <param name="everyMinutes">Minutes between two origins, 5..1440, a multiple of 5.</param>
    Outcome Start(LoadMetric metric, int days, int everyMinutes, Actor by);

    /// <summary>Cancels the one that runs.</summary>
    Outcome Cancel();
}
