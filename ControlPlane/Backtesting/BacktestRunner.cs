using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Quality;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Backtesting;

/// <summary>Reads the history and runs a backtest on it.</summary>
internal static class BacktestRunner
{
    /// <summary>Most days over which origins roll.</summary>
    public const int MostDays = 14;

    /// <summary>Days of history that are read at most.</summary>
    private const int HistoryDays = 28;

    private const int MinutesPerDay = 24 * 60;

    /// <summary>What is wrong with a wish; null: nothing.</summary>
    public static string? Problem(int days, int everyMinutes) =>
        days is < 1 or > MostDays ? $"{days} days are outside 1..{MostDays}."
        : everyMinutes is < 5 or > MinutesPerDay || everyMinutes % 5 != 0 ? $"{everyMinutes} minutes between origins are no multiple of 5 in 5..{MinutesPerDay}." : null;

    /// <summary>Runs it; null where the history is too short.</summary>
    /// <param name="now">Model time.</param>
    public static async Task<BacktestResult?> RunAsync(
        IHistoryReader history, LoadMetric metric, DateTimeOffset now, int days, int everyMinutes, Action<double> progress, CancellationToken cancellation)
    {
        var to = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % ForecastInput.Bucket.Ticks), TimeSpan.Zero);
        if (history.Oldest is not { } oldest || oldest >= to)
        {
            return null;
        }

        var from = to.AddDays(-HistoryDays) > oldest ? to.AddDays(-HistoryDays) : oldest;
        var columns = (await history.ReadAsync(metric, from, to, ForecastInput.Bucket, cancellation)).Values;
        return columns.Count == 0 ? null : Backtest.Run(metric, columns, to, days, TimeSpan.FromMinutes(everyMinutes), new StreamOptions(), progress, cancellation);
    }
}
