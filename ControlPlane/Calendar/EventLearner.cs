using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.History;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Calendar;

/// <summary>After a turn of the forecast: measures occurrences that have ended, and once a day of model time looks for recurring spikes. One turn at a time.</summary>
internal sealed class EventLearner(HistoryStore history, EventDesk desk)
{
    /// <summary>Segments with the most load that are looked at one by one; the rest only as a sum.</summary>
    private const int SingleSegments = 16;

    private static readonly TimeSpan Measured = TimeSpan.FromDays(28);

    private DateTimeOffset lookedAt;

    /// <summary>The calendar as the forecast takes it.</summary>
    public async Task<IReadOnlyList<FleetEvent>> EventsAsync(CancellationToken cancellation) =>
        [.. (await desk.EventsAsync(cancellation)).Select(e => new FleetEvent(e.Event, e.Scope.Segments, e.FactorInForce))];

    /// <summary>Learns from what ended in (from, to].</summary>
    /// <param name="oldest">Beginning of the history.</param>
    public async Task TurnAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset oldest, CancellationToken cancellation)
    {
        var ended = (await desk.EventsAsync(cancellation)).Where(e => e.Event.Occurrences(from - CalendarEvent.MaxLength, to).Any(s => s.To > from && s.To <= to)).ToList();
        var look = to - lookedAt >= TimeSpan.FromDays(1);
        if (ended.Count == 0 && !look)
        {
            return;
        }

        var begin = to - Measured > oldest ? to - Measured : oldest;
        var columns = (await history.ReadAsync(LoadMetric.Cpu, begin, to, ForecastInput.Bucket, cancellation)).Values;
        if (columns.Count == 0)
        {
            return;
        }

        begin = to - (ForecastInput.Bucket * columns.Count);
        foreach (var known in ended)
        {
            var adjustment = EventAdjustment.Of(EventColumns.Total(columns, known.Scope.Segments), begin, ForecastInput.Bucket, ForecastSteps.BucketsPerDay, [known.Event]);
            if (adjustment.Factors is [var (_, factor)])
            {
                await desk.LearnAsync(known.Id, factor, cancellation);
            }
        }

        if (look)
        {
            lookedAt = to;
            await ProposeAsync(columns, begin, to, cancellation);
        }
    }

    private async Task ProposeAsync(IReadOnlyList<float[]> columns, DateTimeOffset begin, DateTimeOffset now, CancellationToken cancellation)
    {
        var quiet = EventColumns.Quiet(columns, begin, ForecastInput.Bucket, await EventsAsync(cancellation));
        var whole = Find(EventColumns.Total(quiet, null), begin);
        await desk.ProposeAsync("all", whole, now, cancellation);

        // What the whole fleet does is not told again of each segment.
        var rules = whole.Select(p => p.Rule).ToHashSet();
        var loads = Enumerable.Range(0, columns[^1].Length).Select(s => (Segment: s, Load: quiet.Sum(c => float.IsNaN(c[s]) ? 0 : c[s])));
        foreach (var (segment, _) in loads.Where(l => l.Load > 0).OrderByDescending(l => l.Load).ThenBy(l => l.Segment).Take(SingleSegments))
        {
            var own = Find(EventColumns.Total(quiet, [new SegmentId((ushort)segment)]), begin).Where(p => !rules.Contains(p.Rule)).ToList();
            await desk.ProposeAsync($"segments {segment}", own, now, cancellation);
        }
    }

    private static List<EventProposal> Find(float[] values, DateTimeOffset begin) =>
        ProposalFinder.Find(values, ForecastSteps.BucketsPerDay, begin, ForecastInput.Bucket, TimeZoneInfo.Utc);
}
