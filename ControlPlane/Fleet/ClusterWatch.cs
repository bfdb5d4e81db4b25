using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Gathers changes of the fleet, the load and the forecasts, refreshes what the queries answer from, and tells at most four times a second.</summary>
internal sealed partial class ClusterWatch(IFleet fleet, ForecastStore forecasts, ScoreKeeper scores, ClusterQueries queries, TimeProvider realTime, ILogger<ClusterWatch> log) : BackgroundService
{
    private const int TicksPerSecond = 4;

    /// <summary>Turns between two refreshes of the scores while no new forecast has come.</summary>
    private const int ScoreTurns = 2 * TicksPerSecond;

    private int changed = 1;
    private int forecastChanged = 1;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        fleet.Changed += OnChanged;
        forecasts.Changed += OnForecast;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), realTime);
            for (var turn = 0; await timer.WaitForNextTickAsync(stoppingToken); turn++)
            {
                try
                {
                    await TurnAsync(turn, stoppingToken);
                }
                catch (System.Data.Common.DbException e)
                {
                    // What is shown is a turn older; all of it is read again with the next one.
                    NotRead(log, e.Message);
                }
            }
        }
        finally
        {
            fleet.Changed -= OnChanged;
            forecasts.Changed -= OnForecast;
        }
    }

    private async Task TurnAsync(int turn, CancellationToken stopping)
    {
        if (turn % TicksPerSecond == 0)
        {
            await queries.RefreshAsync(stopping);
        }

        if (turn % ScoreTurns == 0 || Volatile.Read(ref forecastChanged) == 1)
        {
            Volatile.Write(ref forecastChanged, 0);
            await scores.RefreshAsync(stopping);
            OnChanged();
        }

        if (Interlocked.Exchange(ref changed, 0) == 1)
        {
            queries.RaiseChanged();
        }
    }

    private void OnChanged() => Volatile.Write(ref changed, 1);

    private void OnForecast() => Volatile.Write(ref forecastChanged, 1);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database could not be read ({Reason}); it is tried again")]
    private static partial void NotRead(ILogger logger, string reason);
}
