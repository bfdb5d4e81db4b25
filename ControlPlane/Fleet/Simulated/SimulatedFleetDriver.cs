using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.Fleet.Simulated.Core;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.ControlPlane.Fleet.Simulated;

/// <summary>Lets a simulated fleet live: generates its history once, reports its nodes' load through the same intake as real nodes, and carries its migrations on.</summary>
internal sealed partial class SimulatedFleetDriver(
    SimulatedFleet fleet, LoadIntake intake, HistoryStore history, HistoryOptions historyOptions, IDbContextFactory<ControlPlaneDb> databases, DataFolder folder, ModelClock clock,
    IForecastTrigger forecasts, IHostApplicationLifetime lifetime, TimeProvider realTime, ILogger<SimulatedFleetDriver> log) : BackgroundService
{
    private const string Label = "Generated history (simulated fleet)";
    private const int TicksPerSecond = 2;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (folder.Bind(fleet.Genesis.ClusterId, fleet.Genesis.SegmentCount) is { } problem)
        {
            WrongFolder(log, problem);
            Environment.ExitCode = StartupException.ExitCode;
            lifetime.StopApplication();
            return;
        }

        fleet.Begin(SimulatedState.Load(folder.Path, fleet.Genesis.SegmentCount));
        intake.Taken += fleet.Reported;
        try
        {
            await intake.StartAsync(fleet.Genesis.SegmentCount, stoppingToken);
            var profile = Profile(clock.Start);
            var live = LiveAsync(profile, stoppingToken);
            await BackfillAsync(profile, stoppingToken);
            await forecasts.RunNowAsync(stoppingToken);
            await live;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is held is written below.
        }
        finally
        {
            intake.Taken -= fleet.Reported;
            await intake.FlushAsync(CancellationToken.None);
            fleet.Keep().Save(folder.Path);
        }
    }

    // The band falls on few shards: every twenty-fifth in the first half of the day, others in the second.
    private DemoProfile Profile(DateTimeOffset origin)
    {
        var options = fleet.Options;
        double[] Heat(int first) => [.. fleet.Genesis.Map.Owners.Select(o => o.Value % 25 == first ? 1.0 : 0.02)];
        var requests = options.Nodes * (double)options.NodeCpuMillicores * 1000 / SimulatedLoad.MicrosPerRequest(fleet.Genesis.ReplicationFactor);
        return new DemoProfile(options.Segments, origin, options.EvenUse * requests, options.BandUse * requests, options.Seed, [Heat(3), Heat(11)]);
    }

    private async Task LiveAsync(DemoProfile profile, CancellationToken stopping)
    {
        var members = fleet.Members;
        var load = new SimulatedLoad(fleet.Options, profile, members, [.. fleet.SegmentBytes]);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), realTime);
        var (last, reported, flushed, epoch) = (realTime.GetTimestamp(), realTime.GetUtcNow(), realTime.GetUtcNow(), fleet.State.Map.Epoch);
        var boot = (ulong)reported.UtcTicks;
        for (long sequence = 1; await timer.WaitForNextTickAsync(stopping);)
        {
            var tick = realTime.GetTimestamp();
            fleet.Advance(realTime.GetElapsedTime(last, tick).TotalSeconds);
            last = tick;
            var now = realTime.GetUtcNow();
            if ((now - reported).TotalSeconds >= fleet.Options.Period)
            {
                var (bucketMs, state) = ((int)Math.Min(60_000, (now - reported).TotalMilliseconds), fleet.State);
                var start = now.AddMilliseconds(-bucketMs);
                if (!fleet.Members.SequenceEqual(members))
                {
                    members = fleet.Members;
                    load = new SimulatedLoad(fleet.Options, profile, members, [.. fleet.SegmentBytes]);
                }

                foreach (var report in load.Reports(
                    state.ClusterId, state.Map, state.Migrations, state.Halted, clock.ToModel(start.AddMilliseconds(bucketMs / 2.0)), start.ToUnixTimeMilliseconds(), bucketMs, boot, sequence))
                {
                    await intake.AcceptAsync(report, stopping);
                }

                (sequence, reported) = (sequence + 1, now);
            }

            if ((now - flushed).TotalSeconds >= historyOptions.FlushSeconds)
            {
                flushed = now;
                await FlushAsync(stopping);
            }

            if (fleet.State.Map.Epoch != epoch)
            {
                epoch = fleet.State.Map.Epoch;
                fleet.Keep().Save(folder.Path);
            }
        }
    }

    private async Task FlushAsync(CancellationToken stopping)
    {
        try
        {
            await intake.FlushAsync(stopping);
        }
        catch (System.Data.Common.DbException e)
        {
            // Nothing is lost yet: all of it is written with the next turn.
            NotWritten(log, e.Message);
        }
    }

    private async Task BackfillAsync(DemoProfile profile, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(stopping);
        if (await db.Imports.AnyAsync(i => i.FileName == Label, stopping))
        {
            return;
        }

        var to = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero).AddHours(1);
        var row = new ImportLogRow { FileName = Label, State = ImportStore.Done, By = "game day", CreatedAt = now, From = to.AddDays(-fleet.Options.HistoryDays), To = now };
        db.Imports.Add(row);
        await db.SaveChangesAsync(stopping);
        foreach (var rows in DemoHistory.Of(profile, to.AddDays(-fleet.Options.HistoryDays), to, fleet.Options.Segments, new DemoOptions { ValueBytes = 400 }, SimulatedLoad.Cost, row.Id))
        {
            await history.WriteSourceAsync([.. rows.Where(r => r.Start < now.ToUnixTimeSeconds())], stopping);
        }

        Ready(log, fleet.Options.Nodes, fleet.Options.Segments, fleet.Options.HistoryDays);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Game day: {Nodes} simulated nodes, {Segments} segments, {Days} model days of history generated")]
    private static partial void Ready(ILogger logger, int nodes, int segments, int days);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Problem}")]
    private static partial void WrongFolder(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The history could not be written ({Reason}); it is tried again")]
    private static partial void NotWritten(ILogger logger, string reason);
}
