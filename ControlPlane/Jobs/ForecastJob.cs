using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>
/// Makes forecasts: reads the history of 5 min frames, forecasts the leader's CPU of every segment, derives the other metrics from it, and
/// stores all of them. One at a time: a turn that comes due meanwhile is merged into the one that runs.
/// </summary>
internal sealed partial class ForecastJob(
    HistoryStore history, ForecastStore store, ForecastOptions options, JobsOptions jobs, ModelClock clock, TimeProvider realTime, ILogger<ForecastJob> log)
    : IForecastTrigger
{
    /// <summary>Real seconds that the last reports may take to arrive: the forecast starts at a bucket that is complete.</summary>
    private const double ArrivalSeconds = 2;

    private static readonly LoadMetric[] Derived =
        [LoadMetric.FollowerCpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut];

    private readonly Lock gate = new();
    private Task<bool>? running;
    private long mergedTurns;

    /// <inheritdoc/>
    public TimeSpan Interval => clock.ToModel(TimeSpan.FromSeconds(PeriodSeconds));

    /// <inheritdoc/>
    public long MergedTurns => Interlocked.Read(ref mergedTurns);

    /// <summary>Real seconds between two turns.</summary>
    public int PeriodSeconds => JobSchedule.Seconds(jobs.ForecastMinutes, clock.Factor, jobs.ForecastMinSeconds);

    /// <summary>The recurring turn. One that fails is not tried again: the next one comes soon.</summary>
    [Hangfire.AutomaticRetry(Attempts = 0)]
    public Task RunTurnAsync() => RunNowAsync(CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> RunNowAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (running is { IsCompleted: false })
            {
                Interlocked.Increment(ref mergedTurns);
            }
            else
            {
                // Not the caller's cancellation: others wait for the same forecast.
                running = Task.Run(() => MakeAsync(CancellationToken.None), CancellationToken.None);
            }

            return running.WaitAsync(cancellation);
        }
    }

    private async Task<bool> MakeAsync(CancellationToken cancellation)
    {
        var started = realTime.GetTimestamp();
        var now = Floor(clock.GetUtcNow() - clock.ToModel(TimeSpan.FromSeconds(ArrivalSeconds)));
        if (history.SegmentCount == 0 || history.Oldest is not { } oldest || oldest >= now)
        {
            return false;
        }

        var from = Floor(now.AddDays(-options.HistoryDays));
        from = oldest > from ? Floor(oldest) : from;
        var cpu = await ReadAsync(LoadMetric.Cpu, from, now, cancellation);
        var result = ForecastEngine.Run(cpu, options);
        var results = new List<ForecastResult> { result };
        var lastDay = LastDay(cpu.History);
        foreach (var metric in Derived)
        {
            var other = await ReadAsync(metric, now - (ForecastInput.Bucket * lastDay[0].Length), now, cancellation);
            results.Add(ForecastEngine.Derive(result, lastDay, metric, other.History));
        }

        await store.SaveAsync(results, cancellation);
        Made(log, now, cpu.History.Length, (now - from).TotalDays, realTime.GetElapsedTime(started).TotalSeconds, result.Skill.HourAhead);
        return true;
    }

    private async Task<ForecastInput> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var columns = await history.ReadAsync(metric, from, to, ForecastInput.Bucket, cancellation);
        return ForecastInput.FromColumns(metric, to, columns.Values);
    }

    private static float[][] LastDay(float[][] segments) =>
        Array.ConvertAll(segments, h => h.Length <= ForecastSteps.BucketsPerDay ? h : h[^ForecastSteps.BucketsPerDay..]);

    private static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % ForecastInput.Bucket.Ticks), TimeSpan.Zero);

    [LoggerMessage(Level = LogLevel.Information, Message = "Forecast of {Now:u}: {Segments} segments, {Days:0.0} days of history, {Seconds:0.0} s, skill {Skill:0.00}")]
    private static partial void Made(ILogger logger, DateTimeOffset now, int segments, double days, double seconds, double skill);
}
