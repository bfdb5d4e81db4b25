using Hangfire;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>Registers the recurring jobs at every start (their storage forgets them), reads the last forecast back and makes a new one as soon as there is history.</summary>
internal sealed class RecurringJobs(IRecurringJobManager recurring, ForecastJob forecast, ForecastStore store, HistoryStore history, JobsOptions options, TimeProvider realTime)
    : BackgroundService
{
    /// <summary>The forecast's id: triggering it makes one outside its turn, in the background.</summary>
    public const string ForecastId = "forecast";

    private static readonly RecurringJobOptions Utc = new() { TimeZone = TimeZoneInfo.Utc };

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await store.LoadAsync(stoppingToken);
        recurring.AddOrUpdate<ForecastJob>(ForecastId, job => job.RunTurnAsync(), JobSchedule.Cron(forecast.PeriodSeconds), Utc);
        recurring.AddOrUpdate<TrimJob>("trim", job => job.RunTurnAsync(), JobSchedule.Cron(JobSchedule.Seconds(options.TrimMinutes, 1, 60)), Utc);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), realTime);
        while (history.SegmentCount == 0 && await timer.WaitForNextTickAsync(stoppingToken))
        {
            // The first forecast of this run waits for the cluster, not for its turn.
        }

        recurring.Trigger(ForecastId);
    }
}
