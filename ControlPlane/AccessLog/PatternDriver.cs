using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>Feeds the keeper with the nodes' reports, looks for patterns now and then, and saves what was gathered in the database.</summary>
internal sealed partial class PatternDriver(
    PatternKeeper keeper, PatternOptions options, LoadIntake intake, IDbContextFactory<ControlPlaneDb> databases, ModelClock clock, TimeProvider realTime,
    ILogger<PatternDriver> log) : BackgroundService
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

        keeper.Begin(intake.Live!.Segments, await LoadAsync(intake.Live.Segments, stoppingToken), clock.GetUtcNow());
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
                var snapshot = keeper.Snapshot();
                await Task.Run(() => keeper.Look(snapshot, now), stoppingToken);
                if (looks % SaveEvery == 0)
                {
                    await SaveAsync(snapshot, now, stoppingToken);
                }
            }
        }
        finally
        {
            intake.Taken -= take;
            await SaveAsync(keeper.Snapshot(), clock.GetUtcNow(), CancellationToken.None);
        }
    }

    private async Task<AccessSketch?> LoadAsync(int segments, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.Patterns.AsNoTracking().SingleOrDefaultAsync(p => p.Id == PatternRow.Only, cancellation) is not { } row)
        {
            return null;
        }

        try
        {
            return AccessSketch.Read(new BinaryReader(new MemoryStream(row.Data)), segments, options);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Unusable(log, e.Message);
            return null;
        }
    }

    private async Task SaveAsync(byte[] data, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.Patterns.SingleOrDefaultAsync(p => p.Id == PatternRow.Only, cancellation) is { } row)
        {
            (row.At, row.Data) = (at, data);
        }
        else
        {
            db.Patterns.Add(new PatternRow { Id = PatternRow.Only, At = at, Data = data });
        }

        await db.SaveChangesAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The saved access patterns are not used ({Reason}); they are gathered anew")]
    private static partial void Unusable(ILogger logger, string reason);
}
