using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.ControlPlane.History;

/// <summary>Reads kept forecasts and the history, and compares them. Safe for concurrent use.</summary>
internal sealed class QualityReader(ForecastStore forecasts, HistoryStore history) : IQualityReader
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public async Task<QualityReport> QualityAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var leads = new List<LeadQuality>();
        foreach (var lead in new[] { 1, 24 })
        {
            var span = lead == 1 ? TimeSpan.FromMinutes(5) : TimeSpan.FromHours(1);
            var kept = await forecasts.KeptAsync(metric, lead, from, to, cancellation);
            var columns = new List<ComparedColumn>();
            if (kept.Count > 0)
            {
                // Steps of a forecast begin where it was made, so an hour's actual is the mean over its own twelve buckets.
                var fine = TimeSpan.FromMinutes(5);
                var actual = await history.ReadAsync(metric, kept[0].At - Day, to, fine, cancellation);
                var at = actual.Starts.Select((start, k) => (start, k)).ToDictionary(p => p.start, p => p.k);
                foreach (var (moment, planes) in kept)
                {
                    columns.Add(new ComparedColumn(
                        planes[0], planes[1], planes[3], Mean(actual.Values, at, moment, span, fine), Mean(actual.Values, at, moment - Day, span, fine)));
                }
            }

            var (fleet, segments) = QualityScores.Of(columns, history.SegmentCount);
            leads.Add(new LeadQuality(lead, fleet, segments));
        }

        return new QualityReport(metric, from, to, leads);
    }

    // Mean over a step's buckets that were measured; NaN where none was.
    private float[] Mean(IReadOnlyList<float[]> values, Dictionary<DateTimeOffset, int> at, DateTimeOffset start, TimeSpan span, TimeSpan fine)
    {
        var sums = new double[history.SegmentCount];
        var counts = new int[history.SegmentCount];
        for (var moment = start; moment < start + span; moment += fine)
        {
            if (!at.TryGetValue(moment, out var k))
            {
                continue;
            }

            for (var s = 0; s < sums.Length && s < values[k].Length; s++)
            {
                if (!float.IsNaN(values[k][s]))
                {
                    sums[s] += values[k][s];
                    counts[s]++;
                }
            }
        }

        return [.. sums.Select((sum, s) => counts[s] > 0 ? (float)(sum / counts[s]) : float.NaN)];
    }
}
