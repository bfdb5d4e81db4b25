using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Settings;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>After each forecast, and when load over a limit is measured that was not foreseen: looks whether proposed plans still hold, makes a new one, and lets the policies decide. Forecasts that come meanwhile are merged.</summary>
internal sealed partial class PlanJob(
    ForecastStore forecasts, ScoreKeeper scores, PlanStore plans, PlanMaker maker, PlanDesk desk, PlanCheck check, SettingsStore settings,
    Jobs.ModelClock clock, ILogger<PlanJob> log) : BackgroundService
{
    /// <summary>Name under which the planner itself acts.</summary>
    public const string By = "planner";

    private readonly SemaphoreSlim due = new(0, 1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        forecasts.Changed += OnForecast;
        scores.Surprised += OnForecast;
        try
        {
            while (true)
            {
                await due.WaitAsync(stoppingToken);
                if (settings.Now.Values.PlanAfterForecast)
                {
                    await TurnAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            forecasts.Changed -= OnForecast;
            scores.Surprised -= OnForecast;
        }
    }

    private async Task TurnAsync(CancellationToken stopping)
    {
        try
        {
            await scores.RefreshAsync(stopping);
            foreach (var waiting in await plans.InAsync([PlanState.Proposed], stopping))
            {
                if (await check.FailuresAsync(waiting, stopping) is { Count: > 0 } failures)
                {
                    await plans.ChangeAsync(waiting, PlanState.Stale, clock.GetUtcNow(), By, string.Join("; ", failures), null, stopping);
                }
            }

            var made = await maker.MakeAsync(By, null, stopping);
            if (made.Id is not null && await plans.FindAsync(made.Id, stopping) is { State: PlanState.Proposed } plan)
            {
                await AutoApplyAsync(plan, stopping);
            }
        }
        catch (Exception e) when (e is Microsoft.EntityFrameworkCore.DbUpdateException or Microsoft.Data.Sqlite.SqliteException)
        {
            // The next forecast brings the next turn; this one's plan is lost, which costs one interval.
            Failed(log, e);
        }
    }

    private async Task AutoApplyAsync(StoredPlan plan, CancellationToken stopping)
    {
        var verdict = AutoApply.Decide(settings.Now.Values, plan.Facts, clock.GetUtcNow());
        if (verdict.Approves)
        {
            // In its own time: what the policy was asked about is when each move begins.
            await desk.ScheduleAsync(plan.Id, plan.Etag, PlanTiming.Trough, null, $"policy {verdict.Policy}", verdict.Verdict, stopping);
        }
    }

    private void OnForecast()
    {
        try
        {
            due.Release();
        }
        catch (SemaphoreFullException)
        {
            // A turn is due already.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A plan could not be kept; the next forecast makes a new one")]
    private static partial void Failed(ILogger logger, Exception exception);
}
