using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Calendar;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Forecasting.Streaming;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>
/// Makes forecasts: appends the 5 min frames that came since the last turn to what was learnt of every segment's leader's CPU, forecasts it, derives the other
/// metrics from it, and stores all of them. What events of the calendar did is taken out of what is learnt, and what they will do is put on top. The whole history is learnt again only when it changed behind what was learnt (an import, another number of segments). One at a time: a turn that comes due meanwhile is merged into the one that runs.
/// </summary>
internal sealed partial class ForecastJob(
    HistoryStore history, ForecastStore store, EventLearner calendar, ForecastOptions options, JobsOptions jobs, ForecastStateFile file, ModelClock clock, TimeProvider realTime, ILogger<ForecastJob> log)
    : IForecastTrigger, IHorizonQueries
{
    /// <summary>Real seconds that the last reports may take to arrive: the forecast starts at a bucket that is complete.</summary>
    private const double ArrivalSeconds = 2;

    /// <summary>Turns between two savings of what was learnt: what is lost by a kill is appended again from the history.</summary>
    private const int SaveEvery = 12;

    private static readonly LoadMetric[] Derived =
        [LoadMetric.FollowerCpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut];

    private readonly Lock gate = new();

    // What was learnt is changed and read by one at a time.
    private readonly SemaphoreSlim learning = new(1);
    private volatile HorizonReport? whole;
    private Task<bool>? running;
    private long mergedTurns;
    private FleetForecaster? learnt;
    private long learntVersion;
    private bool looked;
    private int unsaved;

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
                running = ComputeThreads.RunAsync(() => MakeAsync(CancellationToken.None), CancellationToken.None);
            }

            return running.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task<HorizonReport?> HorizonsAsync(int? segment, CancellationToken cancellation)
    {
        if (segment is null || whole is null)
        {
            return segment is null ? whole : null;
        }

        await learning.WaitAsync(cancellation);
        try
        {
            return learnt?.Report(segment);
        }
        finally
        {
            learning.Release();
        }
    }

    private async Task<bool> MakeAsync(CancellationToken cancellation)
    {
        await learning.WaitAsync(cancellation);
        try
        {
            return await MakeAlone_NeedsLockAsync(cancellation);
        }
        finally
        {
            learning.Release();
        }
    }

    private async Task<bool> MakeAlone_NeedsLockAsync(CancellationToken cancellation)
    {
        var started = realTime.GetTimestamp();
        var now = Floor(clock.GetUtcNow() - clock.ToModel(TimeSpan.FromSeconds(ArrivalSeconds)));
        if (history.SegmentCount == 0 || history.Oldest is not { } oldest || oldest >= now)
        {
            return false;
        }

        await calendar.TurnAsync(learnt?.End ?? now, now, Floor(oldest), cancellation);
        var events = await calendar.EventsAsync(cancellation);
        var fleet = await LearnAsync(now, oldest, events, cancellation);
        var announced = EventColumns.Announced(events, now, now.AddDays(1));
        var result = ForecastEngine.Run(fleet, LoadMetric.Cpu, announced, options, cancellation);
        var results = new List<ForecastResult> { result };
        var dayAgo = now.AddDays(-1) > Floor(oldest) ? now.AddDays(-1) : Floor(oldest);
        var lastDay = (await ReadAsync(LoadMetric.Cpu, dayAgo, now, cancellation)).History;
        foreach (var metric in Derived)
        {
            var other = await ReadAsync(metric, dayAgo, now, cancellation);
            results.Add(ForecastEngine.Derive(result, lastDay, metric, other.History));
        }

        await store.SaveAsync(results, cancellation);
        whole = fleet.Report(null);
        Made(log, now, fleet.SegmentCount, fleet.HistoryDays, realTime.GetElapsedTime(started).TotalSeconds, result.Skill.HourAhead);
        return true;
    }

    // What was learnt, up to now. A saved state of an earlier run counts only where the history still begins where it did or earlier than it remembers.
    private async Task<FleetForecaster> LearnAsync(DateTimeOffset now, DateTimeOffset oldest, IReadOnlyList<FleetEvent> events, CancellationToken cancellation)
    {
        if (!looked)
        {
            looked = true;
            learnt = file.Load(new StreamOptions());
            learntVersion = history.SourcesVersion;
        }

        var from = Floor(now.AddDays(-options.HistoryDays));
        from = oldest > from ? Floor(oldest) : from;
        var version = history.SourcesVersion;
        if (learnt is null || learnt.SegmentCount != history.SegmentCount || learnt.End > now || learnt.End < from || learnt.From > from || learntVersion != version)
        {
            var columns = await history.ReadAsync(LoadMetric.Cpu, from, now, ForecastInput.Bucket, cancellation);
            var begin = now - (ForecastInput.Bucket * columns.Values.Count);
            var input = ForecastInput.FromColumns(LoadMetric.Cpu, now, EventColumns.Quiet(columns.Values, begin, ForecastInput.Bucket, events));
            learnt = FleetForecaster.Fit(input, new StreamOptions(), cancellation);
            unsaved = SaveEvery;
        }
        else if (learnt.End < now)
        {
            var columns = await history.ReadAsync(LoadMetric.Cpu, learnt.End, now, ForecastInput.Bucket, cancellation);
            learnt.Advance(EventColumns.Quiet(columns.Values, learnt.End, ForecastInput.Bucket, events), cancellation);
            unsaved++;
        }

        learntVersion = version;
        if (unsaved >= SaveEvery)
        {
            file.Save(learnt);
            unsaved = 0;
        }

        return learnt;
    }

    private async Task<ForecastInput> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var columns = await history.ReadAsync(metric, from, to, ForecastInput.Bucket, cancellation);
        return ForecastInput.FromColumns(metric, to, columns.Values);
    }

    private static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % ForecastInput.Bucket.Ticks), TimeSpan.Zero);

    [LoggerMessage(Level = LogLevel.Information, Message = "Forecast of {Now:u}: {Segments} segments, {Days:0.0} days of history, {Seconds:0.0} s, skill {Skill:0.00}")]
    private static partial void Made(ILogger logger, DateTimeOffset now, int segments, double days, double seconds, double skill);
}
