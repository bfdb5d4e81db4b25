using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>An event as the forecast of a fleet takes it.</summary>
/// <param name="Segments">What it concerns; null: all.</param>
/// <param name="Factor">What the load is multiplied by; null while nothing is known of it.</param>
internal sealed record FleetEvent(CalendarEvent Event, IReadOnlyList<SegmentId>? Segments, double? Factor);

/// <summary>Events of a fleet: out of the columns that are learnt from, into the spikes that are put on top of a forecast.</summary>
internal static class EventColumns
{
    /// <summary>
    /// The columns without the events' effect: divided by the factor for the share of a step that an event covers, a gap where its factor is not known yet.
    /// Columns that no event touches are those given; none is changed.
    /// </summary>
    /// <param name="columns">[time][segment], oldest first.</param>
    /// <param name="first">When the first one begins.</param>
    /// <param name="step">Length of one.</param>
    public static IReadOnlyList<float[]> Quiet(IReadOnlyList<float[]> columns, DateTimeOffset first, TimeSpan step, IReadOnlyList<FleetEvent> events)
    {
        var quiet = columns.ToArray();
        foreach (var known in events)
        {
            foreach (var span in known.Event.Occurrences(first, first + (step * columns.Count)))
            {
                for (var k = Math.Max(0, (int)Math.Floor((span.From - first) / step)); k < quiet.Length && first + (step * k) < span.To; k++)
                {
                    var share = span.ShareOf(first + (step * k), step);
                    if (share > 0)
                    {
                        quiet[k] = Divided(quiet[k], known.Segments, known.Factor is { } factor ? 1 + ((factor - 1) * share) : double.NaN);
                    }
                }
            }
        }

        return quiet;
    }

    /// <summary>What is put on top of a forecast of [from, to).</summary>
    public static IReadOnlyList<AnnouncedEvent> Announced(IReadOnlyList<FleetEvent> events, DateTimeOffset from, DateTimeOffset to) =>
    [
        .. events.Where(e => e.Factor is not null)
            .SelectMany(e => e.Event.Occurrences(from, to).Select(s => new AnnouncedEvent(e.Event.Name, s.From, s.To, e.Factor!.Value, e.Segments))),
    ];

    /// <summary>One series of the load that an event concerns: the sum over its segments; NaN where none of them was measured.</summary>
    public static float[] Total(IReadOnlyList<float[]> columns, IReadOnlyList<SegmentId>? segments)
    {
        var total = new float[columns.Count];
        for (var t = 0; t < total.Length; t++)
        {
            double sum = 0;
            var measured = false;
            var column = columns[t];
            for (var k = 0; k < (segments?.Count ?? column.Length); k++)
            {
                var s = segments is null ? k : segments[k].Value;
                if (s < column.Length && !float.IsNaN(column[s]))
                {
                    sum += column[s];
                    measured = true;
                }
            }

            total[t] = measured ? (float)sum : float.NaN;
        }

        return total;
    }

    private static float[] Divided(float[] column, IReadOnlyList<SegmentId>? segments, double factor)
    {
        var divided = (float[])column.Clone();
        for (var k = 0; k < (segments?.Count ?? divided.Length); k++)
        {
            var s = segments is null ? k : segments[k].Value;
            if (s < divided.Length)
            {
                divided[s] = (float)(divided[s] / factor);
            }
        }

        return divided;
    }
}
