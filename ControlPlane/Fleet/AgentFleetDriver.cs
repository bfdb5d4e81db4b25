namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Looks at the nodes in turn, opens the intake when the cluster is known, and writes what the intake took.</summary>
internal sealed partial class AgentFleetDriver(
    AgentFleet fleet, LoadIntake intake, FleetOptions options, History.HistoryOptions historyOptions, IHostApplicationLifetime lifetime,
    TimeProvider realTime, ILogger<AgentFleetDriver> log) : BackgroundService
{
    private readonly SemaphoreSlim wanted = new(0, 1);

    /// <summary>How long nobody may answer before it is said.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override void Dispose()
    {
        wanted.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        intake.Taken += fleet.Reported;
        fleet.PollWanted += OnWanted;
        try
        {
            await Task.WhenAll(PollAsync(stoppingToken), FlushAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what the intake holds is written below.
        }
        finally
        {
            intake.Taken -= fleet.Reported;
            fleet.PollWanted -= OnWanted;
            await intake.FlushAsync(CancellationToken.None);
        }
    }

    private async Task PollAsync(CancellationToken stopping)
    {
        var started = realTime.GetTimestamp();
        var warned = false;
        while (true)
        {
            if (await fleet.PollAsync(stopping) is { } problem)
            {
                WrongFolder(log, problem);
                Environment.ExitCode = StartupException.ExitCode;
                lifetime.StopApplication();
                return;
            }

            if (intake.Live is null && fleet.State.Map.SegmentCount > 0)
            {
                await intake.StartAsync(fleet.State.Map.SegmentCount, stopping);
                Known(log, fleet.State.ClusterId, fleet.State.Nodes.Count, fleet.State.Map.Shards.Length);
            }

            if (!warned && fleet.State.ClusterId.Length == 0 && realTime.GetElapsedTime(started) > SilentFor)
            {
                warned = true;
                NobodyAnswers(log, SilentFor.TotalSeconds);
            }

            await wanted.WaitAsync(TimeSpan.FromMilliseconds(options.PollMs), stopping);
        }
    }

    private void OnWanted()
    {
        try
        {
            wanted.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody wanted it already.
        }
    }

    private async Task FlushAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(historyOptions.FlushSeconds), realTime);
        while (await timer.WaitForNextTickAsync(stopping))
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
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {ClusterId}: {Nodes} nodes, {Shards} shards")]
    private static partial void Known(ILogger logger, string clusterId, int nodes, int shards);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No node of a founded cluster has answered for {Seconds} s; check the nodes' log, --seed-admin and the cluster key")]
    private static partial void NobodyAnswers(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Problem}")]
    private static partial void WrongFolder(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The history could not be written ({Reason}); it is tried again")]
    private static partial void NotWritten(ILogger logger, string reason);
}
