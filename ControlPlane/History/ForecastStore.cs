using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// Kept forecasts: the newest whole, in memory and in the database; of older ones what was said 1 h and 24 h ahead (mean, q10, q50, q90).
/// Safe for concurrent use.
/// </summary>
internal sealed class ForecastStore(IDbContextFactory<ControlPlaneDb> databases, HistoryOptions options) : IForecastReader
{
    private const int PlanesPerStep = 4;

    private volatile Snapshot newest = new([], []);

    /// <summary>Raised after a forecast was stored. Handlers must not block.</summary>
    public event Action? Changed;

    /// <inheritdoc/>
    public ForecastFrame? Latest(LoadMetric metric) => newest.Frames.GetValueOrDefault(metric);

    /// <summary>The newest forecast with its spread and skill; null before the first since the program was started.</summary>
    public ForecastResult? LatestResult(LoadMetric metric) => newest.Results.GetValueOrDefault(metric);

    /// <summary>Reads back the newest forecast of the last run.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Forecasts.AsNoTracking().Where(f => f.Lead == 0).ToListAsync(cancellation);
        var frames = new Dictionary<LoadMetric, ForecastFrame>();
        foreach (var row in rows)
        {
            if (ForecastCodec.Decode(row.MadeAt, (LoadMetric)row.Metric, row.Data) is { } frame)
            {
                frames[(LoadMetric)row.Metric] = frame;
            }
        }

        newest = new Snapshot(frames, []);
    }

    /// <summary>Stores the forecasts of one run, one per metric, all made at the same moment.</summary>
    public async Task SaveAsync(IReadOnlyCollection<ForecastResult> results, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        foreach (var frame in results.Select(r => r.Frame))
        {
            await UpsertAsync(db, 0, frame, 0, ForecastCodec.Encode(frame), cancellation);
            foreach (var lead in new[] { 1, 24 })
            {
                if (StepBefore(frame, TimeSpan.FromHours(lead)) is { } step)
                {
                    var data = PlaneCodec.Encode(frame.Mean[step], frame.Q10[step], frame.Q50[step], frame.Q90[step]);
                    await UpsertAsync(db, (byte)lead, frame, frame.Starts[step].ToUnixTimeSeconds(), data, cancellation);
                }
            }
        }

        await transaction.CommitAsync(cancellation);
        newest = new Snapshot(results.ToDictionary(r => r.Frame.Metric, r => r.Frame), results.ToDictionary(r => r.Frame.Metric));
        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public async Task<SegmentMatrix> ForecastOfThePastAsync(
        LoadMetric metric, TimeSpan lead, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var hours = (byte)lead.TotalHours;
        if (hours is not (1 or 24) || lead != TimeSpan.FromHours(hours))
        {
            throw new ArgumentException($"Forecasts are kept 1 h and 24 h ahead, not {lead}.", nameof(lead));
        }

        var kept = await KeptAsync(metric, hours, from, to, cancellation);
        var span = hours == 1 ? TimeSpan.FromMinutes(5) : TimeSpan.FromHours(1);
        return new SegmentMatrix([.. kept.Select(r => r.At)], [.. kept.Select(_ => span)], [.. kept.Select(r => r.Planes[0])]);
    }

    /// <summary>What had been forecast for the steps that begin in [from, to), ascending: mean, q10, q50, q90, each by segment.</summary>
    /// <param name="leadHours">1 or 24.</param>
    public async Task<IReadOnlyList<(DateTimeOffset At, float[][] Planes)>> KeptAsync(
        LoadMetric metric, int leadHours, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var (lead, number) = ((byte)leadHours, (byte)metric);
        var (first, last) = (from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds());
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Forecasts.AsNoTracking()
            .Where(f => f.Lead == lead && f.Metric == number && f.Target >= first && f.Target < last)
            .OrderBy(f => f.Target).Take(options.MaxColumns).ToListAsync(cancellation);
        return
        [
            .. rows.Select(r => (At: DateTimeOffset.FromUnixTimeSeconds(r.Target), Planes: PlaneCodec.Decode(r.Data)))
                .Where(r => r.Planes is { Length: PlanesPerStep }).Select(r => (r.At, r.Planes!)),
        ];
    }

    /// <summary>Deletes what was forecast for times of which no 5 min frame is kept any more.</summary>
    public async Task<int> TrimAsync(DateTimeOffset modelNow, CancellationToken cancellation)
    {
        var before = (modelNow - options.Retention(HistoryTier.FiveMinutes)).ToUnixTimeSeconds();
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Forecasts.Where(f => f.Lead != 0 && f.Target < before).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>The step that ends <paramref name="lead"/> after the forecast was made; null where none does.</summary>
    private static int? StepBefore(ForecastFrame frame, TimeSpan lead)
    {
        for (var step = 0; step < frame.Starts.Count; step++)
        {
            if (frame.Starts[step] < frame.MadeAt + lead && frame.Starts[step] + frame.Spans[step] >= frame.MadeAt + lead)
            {
                return step;
            }
        }

        return null;
    }

    private static Task<int> UpsertAsync(ControlPlaneDb db, byte lead, ForecastFrame frame, long target, byte[] data, CancellationToken cancellation)
    {
        var (metric, madeAt) = ((int)frame.Metric, frame.MadeAt.ToUnixTimeMilliseconds());
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO forecasts ("Lead", "Metric", "Target", "MadeAt", "Data") VALUES ({(int)lead}, {metric}, {target}, {madeAt}, {data})
            ON CONFLICT ("Lead", "Metric", "Target") DO UPDATE SET "MadeAt" = excluded."MadeAt", "Data" = excluded."Data"
            """,
            cancellation);
    }

    private sealed record Snapshot(Dictionary<LoadMetric, ForecastFrame> Frames, Dictionary<LoadMetric, ForecastResult> Results);
}
