using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>
/// Seasons of all requests together, from the history of the last four weeks. What was read is kept for some real minutes: seasons do not change faster, and the
/// reading goes over every segment. Safe for concurrent use; one reading at a time.
/// </summary>
internal sealed class SeasonReader(IHistoryReader history, TimeProvider realTime) : ISeasonQueries, IDisposable
{
    private const int ReadDays = 28;
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim one = new(1, 1);
    private (DateTimeOffset Until, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<double> Rates)? kept;

    /// <inheritdoc/>
    public async Task<SeasonProfile> SeasonsAsync(DateTimeOffset now, TimeZoneInfo zone, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            if (kept is not { } known || known.Until <= realTime.GetUtcNow())
            {
                known = await ReadAsync(now, cancellation);
                kept = known.Starts.Count > 0 ? known : null;
            }

            return Seasonality.Of(known.Starts, known.Rates, zone);
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private async Task<(DateTimeOffset Until, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<double> Rates)> ReadAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var until = realTime.GetUtcNow() + KeepFor;
        var to = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % Step.Ticks), TimeSpan.Zero);
        if (history.Oldest is not { } oldest || oldest >= to)
        {
            return (until, [], []);
        }

        // From a whole hour after the oldest moment: the hour in which it began is no mean of an hour.
        var first = new DateTimeOffset(oldest.UtcTicks - (oldest.UtcTicks % Step.Ticks), TimeSpan.Zero) + Step;
        var from = to.AddDays(-ReadDays) > first ? to.AddDays(-ReadDays) : first;
        if (from >= to)
        {
            return (until, [], []);
        }

        var reads = await SumsAsync(LoadMetric.Reads, from, to, cancellation);
        var writes = await SumsAsync(LoadMetric.Writes, from, to, cancellation);
        return (until, reads.Starts, [.. reads.Sums.Select((r, i) => i < writes.Sums.Count ? r + writes.Sums[i] : double.NaN)]);
    }

    private async Task<(IReadOnlyList<DateTimeOffset> Starts, List<double> Sums)> SumsAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        // A day at a time: four weeks of all segments at once would be a hundred megabytes in a large cluster.
        var (starts, sums) = (new List<DateTimeOffset>(), new List<double>());
        for (var at = from; at < to; at = at.AddDays(1))
        {
            var day = await history.ReadAsync(metric, at, at.AddDays(1) < to ? at.AddDays(1) : to, Step, cancellation);
            starts.AddRange(day.Starts);
            sums.AddRange(day.Values.Select(column => column.Where(v => !float.IsNaN(v)).Select(v => (double)v).DefaultIfEmpty(double.NaN).Sum()));
        }

        return (starts, sums);
    }
}
