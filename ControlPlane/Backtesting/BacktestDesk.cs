using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.ControlPlane.Backtesting;

/// <summary>Runs one backtest at a time and keeps its result.</summary>
internal sealed partial class BacktestDesk(BacktestStore store, IHistoryReader history, ModelClock clock, ILogger<BacktestDesk> log) : IBacktestDesk, IDisposable
{
    /// <summary>Why a history gives no result.</summary>
    public const string TooShort = "There is too little history: a day, and an hour after it. Backtest later, or import a query log.";

    private readonly Lock gate = new();
    private CancellationTokenSource? running;
    private double progress;
    private string? failure;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Ends when the backtest that was started last has ended.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<BacktestView> ViewAsync(CancellationToken cancellation)
    {
        var kept = await store.LoadAsync(cancellation);
        lock (gate)
        {
            return new BacktestView(running is not null, progress, failure, kept?.MadeAt, kept?.By, kept?.Result);
        }
    }

    /// <inheritdoc/>
    public Outcome Start(LoadMetric metric, int days, int everyMinutes, Actor by)
    {
        if (BacktestRunner.Problem(days, everyMinutes) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        lock (gate)
        {
            if (running is not null)
            {
                return new Outcome("conflict", "A backtest runs; wait for it, or cancel it.");
            }

            (running, progress, failure) = (new CancellationTokenSource(), 0, null);
            Ended = RunAsync(metric, days, everyMinutes, by.Name, running);
        }

        Changed?.Invoke();
        return new Outcome(null, "The backtest runs.");
    }

    /// <inheritdoc/>
    public Outcome Cancel()
    {
        lock (gate)
        {
            if (running is null)
            {
                return new Outcome("conflict", "No backtest runs.");
            }

            running.Cancel();
            return new Outcome(null, "The backtest stops.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            running?.Cancel();
        }
    }

    private async Task RunAsync(LoadMetric metric, int days, int everyMinutes, string by, CancellationTokenSource cancel)
    {
        string? why = null;
        try
        {
            var result = await ComputeThreads.RunAsync(
                () => BacktestRunner.RunAsync(history, metric, clock.GetUtcNow(), days, everyMinutes, Follow, cancel.Token), cancel.Token);
            why = result is null ? TooShort : null;
            if (result is not null)
            {
                await store.SaveAsync(new KeptBacktest(clock.GetUtcNow(), by, result), CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            why = "It was cancelled.";
        }
#pragma warning disable CA1031 // Whoever asked sees why.
        catch (Exception e)
        {
            Failed(log, e);
            why = e.Message;
        }
#pragma warning restore CA1031

        lock (gate)
        {
            (running, failure) = (null, why);
        }

        cancel.Dispose();
        Changed?.Invoke();
    }

    private void Follow(double share)
    {
        lock (gate)
        {
            progress = share;
        }

        Changed?.Invoke();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A backtest failed")]
    private static partial void Failed(ILogger logger, Exception e);
}
