using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>What one forecast is made from.</summary>
/// <param name="Metric">What the history measures.</param>
/// <param name="Now">End of the last bucket. The forecast's first step starts here.</param>
/// <param name="History">[segment][bucket] of 5 minutes, oldest first, all of one length, the last bucket ends at <paramref name="Now"/>; NaN = gap. At most 28 days are used.</param>
/// <param name="Events">Announced events; each multiplies the steps that it touches.</param>
internal sealed record ForecastInput(LoadMetric Metric, DateTimeOffset Now, float[][] History, IReadOnlyList<AnnouncedEvent> Events)
{
    /// <summary>Length of a bucket of the history.</summary>
    public static readonly TimeSpan Bucket = TimeSpan.FromMinutes(5);

    /// <summary>The input from columns of time × segments, as the history is kept.</summary>
    /// <param name="columns">[time][segment], oldest first, 5 minutes each, the last one ends at <paramref name="now"/>.</param>
    public static ForecastInput FromColumns(LoadMetric metric, DateTimeOffset now, IReadOnlyList<float[]> columns, IReadOnlyList<AnnouncedEvent>? events = null)
    {
        var segments = columns.Count == 0 ? 0 : columns[0].Length;
        var history = new float[segments][];
        for (var s = 0; s < segments; s++)
        {
            history[s] = new float[columns.Count];
        }

        for (var t = 0; t < columns.Count; t++)
        {
            var column = columns[t];
            for (var s = 0; s < segments; s++)
            {
                history[s][t] = column[s];
            }
        }

        return new ForecastInput(metric, now, history, events ?? []);
    }
}
