using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>Feeds the keeper with the nodes' reports, looks for patterns now and then, and saves what was gathered in the database.</summary>
internal sealed partial class PatternDriver(
    PatternKeeper keeper, PatternOptions options, LoadIntake intake, PatternStore store, ModelClock clock, TimeProvider realTime, ILogger<PatternDriver> log) : BackgroundService
{
    /// <summary>Real seconds between two looks.</summary>
    private const int LookSeconds = 30;

    /// <summary>Looks between two savings: what is lost by a kill is a few minutes of samples.</summary>
    private const int SaveEvery = 20;

    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when reports are taken.</summary>
    public Task Ready => ready.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using (var second = new PeriodicTimer(TimeSpan.FromSeconds(1), realTime))
        {
            while (intake.Live is null && await second.WaitForNextTickAsync(stoppingToken))
            {
                // The number of segments is known with the cluster.
            }
        }

        keeper.Begin(intake.Live!.Segments, await store.LoadAsync(intake.Live.Segments, options, Unread, stoppingToken), clock.GetUtcNow());
        await TakeLeftAsync(stoppingToken);
        Action<LoadReport> take = keeper.Take;
        intake.Taken += take;
        ready.TrySetResult();
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(LookSeconds), realTime);
            for (var looks = 1; await timer.WaitForNextTickAsync(stoppingToken); looks++)
            {
                var now = clock.GetUtcNow();
                keeper.DecayTo(now);
                await TakeLeftAsync(stoppingToken);
                var snapshot = keeper.Snapshot();
                await Task.Run(() => keeper.Look(snapshot, now), stoppingToken);
                if (looks % SaveEvery == 0)
                {
                    await store.SaveAsync(snapshot, now, [], stoppingToken);
                }
            }
        }
        finally
        {
            intake.Taken -= take;
            await store.SaveAsync(keeper.Snapshot(), clock.GetUtcNow(), [], CancellationToken.None);
        }
    }

    // What an import on the command line has left is added and saved with what there was, and is left no more: once, also when this process is killed.
    private async Task TakeLeftAsync(CancellationToken cancellation)
    {
        var left = await store.LeftAsync(keeper.Segments, options, Unread, cancellation);
        if (left.Count > 0)
        {
            foreach (var (_, sketch) in left)
            {
                keeper.Add(sketch);
            }

            await store.SaveAsync(keeper.Snapshot(), clock.GetUtcNow(), [.. left.Select(l => l.Id)], cancellation);
        }
    }

    private void Unread(string reason) => Unusable(log, reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The saved access patterns are not used ({Reason}); they are gathered anew")]
    private static partial void Unusable(ILogger logger, string reason);
}
