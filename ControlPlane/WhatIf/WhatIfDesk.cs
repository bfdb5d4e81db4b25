using System.Security.Cryptography;
using System.Threading.Channels;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Settings;

namespace ShardConsole.ControlPlane.WhatIf;

/// <summary>Takes replays, runs one after the other, and keeps the newest in memory. Safe for concurrent use.</summary>
internal sealed partial class WhatIfDesk(
    WhatIfRunner runner, IFleet fleet, SettingsStore settings, WhatIfOptions options, ModelClock clock, TimeProvider realTime, ILogger<WhatIfDesk> log) : BackgroundService, IWhatIfDesk
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly List<Kept> kept = [];
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long said;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public IReadOnlyList<WhatIfRun> List()
    {
        lock (gate)
        {
            return [.. kept.Select(k => k.Run).Reverse()];
        }
    }

    /// <inheritdoc/>
    public WhatIfRun? Find(string id)
    {
        lock (gate)
        {
            return kept.Find(k => k.Run.Id == id)?.Run;
        }
    }

    /// <inheritdoc/>
    public Outcome Start(WhatIfChange change, Actor by)
    {
        if (WhatIfCheck.Problem(change, fleet.State) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        WhatIfRun run;
        lock (gate)
        {
            if (kept.Count(k => k.Run.State == WhatIfState.Waiting) >= options.MaxWaiting)
            {
                return new Outcome("conflict", $"{options.MaxWaiting} replays wait already, the limit WhatIf:MaxWaiting; cancel some, or wait.");
            }

            var scoring = settings.Now.Scoring;
            run = new WhatIfRun(
                RandomNumberGenerator.GetHexString(8, lowercase: true), WhatIfCheck.Title(change), WhatIfState.Waiting, 0, null, by.Name, clock.GetUtcNow(), change, null, null, 0,
                change.ThresholdMillicores ?? scoring.ThresholdMillicores, change.ComfortZone ?? scoring.ComfortZone, options.ServiceMs, options.TargetMs, [], null);
            kept.Add(new Kept(run));
            if (kept.Count > options.MaxKept && kept.FindIndex(k => k.Run.State > WhatIfState.Running) is var oldest and >= 0)
            {
                kept[oldest].Cancel.Dispose();
                kept.RemoveAt(oldest);
            }
        }

        wake.Writer.TryWrite(true);
        Changed?.Invoke();
        return new Outcome(null, $"{run.Title}: the replay is queued.", run.Id);
    }

    /// <inheritdoc/>
    public Outcome Cancel(string id)
    {
        lock (gate)
        {
            if (kept.Find(k => k.Run.Id == id) is not { } found)
            {
                return new Outcome("not-found", $"There is no replay {id}; the newest {options.MaxKept} are kept.");
            }

            if (found.Run.State > WhatIfState.Running)
            {
                return new Outcome("conflict", $"Replay {id} is {found.Run.State.ToString().ToLowerInvariant()}; only one that waits or runs can be cancelled.");
            }

            found.Cancel.Cancel();
            if (found.Run.State == WhatIfState.Running)
            {
                // It says so itself when it has stopped.
                return new Outcome(null, $"Replay {id} stops.", id);
            }

            found.Run = found.Run with { State = WhatIfState.Cancelled };
        }

        Changed?.Invoke();
        return new Outcome(null, $"Replay {id} is cancelled.", id);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in wake.Reader.ReadAllAsync(stoppingToken))
        {
            while (Next() is { } next)
            {
                await RunAsync(next, stoppingToken);
            }
        }
    }

    private Kept? Next()
    {
        lock (gate)
        {
            return kept.Find(k => k.Run.State == WhatIfState.Waiting);
        }
    }

    private async Task RunAsync(Kept one, CancellationToken stopping)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, one.Cancel.Token);
        var began = realTime.GetTimestamp();
        Put(one, r => r.State == WhatIfState.Waiting ? r with { State = WhatIfState.Running } : r);
        try
        {
            var (from, to, columns) = await ComputeThreads.RunAsync(() => runner.RunAsync(one.Run.Change, p => Follow(one, p, began), both.Token), both.Token);
            Put(one, r => r with { State = WhatIfState.Done, Progress = 1, SecondsLeft = null, From = from, To = to, Columns = columns });
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            Put(one, r => r with { State = WhatIfState.Cancelled, SecondsLeft = null });
        }
        catch (WhatIfException e)
        {
            Put(one, r => r with { State = WhatIfState.Failed, SecondsLeft = null, Failure = e.Message });
        }
#pragma warning disable CA1031 // A replay that cannot be made must not end the queue; whoever asked sees why.
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Failed(log, one.Run.Id, e);
            Put(one, r => r with { State = WhatIfState.Failed, SecondsLeft = null, Failure = e.Message });
        }
#pragma warning restore CA1031
        finally
        {
            Put(one, r => r with { TookSeconds = realTime.GetElapsedTime(began).TotalSeconds });
        }
    }

    private void Follow(Kept one, double progress, long began)
    {
        var now = realTime.GetTimestamp();
        if (realTime.GetElapsedTime(Interlocked.Read(ref said), now) < Pace)
        {
            return;
        }

        Interlocked.Exchange(ref said, now);
        var took = realTime.GetElapsedTime(began, now).TotalSeconds;
        Put(one, r => r with { Progress = progress, SecondsLeft = progress > 0.02 ? Math.Round(took * (1 - progress) / progress) : null });
    }

    private void Put(Kept one, Func<WhatIfRun, WhatIfRun> change)
    {
        lock (gate)
        {
            one.Run = change(one.Run);
        }

        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        kept.ForEach(k => k.Cancel.Dispose());
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Replay {Id} failed")]
    private static partial void Failed(ILogger logger, string id, Exception e);

    private sealed class Kept(WhatIfRun run)
    {
        public WhatIfRun Run { get; set; } = run;

        public CancellationTokenSource Cancel { get; } = new();
    }
}
