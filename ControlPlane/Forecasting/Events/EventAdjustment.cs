namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>
/// Takes the effect of events out of a series' history, so that what is learnt from it is the quiet load, and puts it into its forecast. What an occurrence did to the
/// load is measured against <see cref="QuietLevel"/>, and the next one is expected by the factor that all past ones make together.
/// </summary>
internal sealed class EventAdjustment
{
    private readonly List<(CalendarEvent Event, double Factor)> learnt = [];

    private EventAdjustment(float[] quiet) => Quiet = quiet;

    /// <summary>The history without the events' effect; where an occurrence's effect is not known its steps are NaN, a gap.</summary>
    public float[] Quiet { get; }

    /// <summary>What each event multiplies the load by now; an event of which nothing is known yet is not there.</summary>
    public IReadOnlyList<(CalendarEvent Event, double Factor)> Factors => learnt;

    /// <summary>Measures the events over a history.</summary>
    /// <param name="values">Oldest first; NaN is a gap.</param>
    /// <param name="first">When the first value's step begins.</param>
    /// <param name="step">Length of a step.</param>
    /// <param name="day">Steps in a day.</param>
    public static EventAdjustment Of(float[] values, DateTimeOffset first, TimeSpan step, int day, IReadOnlyList<CalendarEvent> events)
    {
        var quiet = (float[])values.Clone();
        var end = first + (step * values.Length);
        var spans = events.Select(e => e.Occurrences(first, end).ToList()).ToList();
        foreach (var (from, to) in spans.SelectMany(s => s).Select(s => Steps(s, first, step, values.Length)))
        {
            quiet.AsSpan(from, to - from).Fill(float.NaN);
        }

        var adjustment = new EventAdjustment(quiet);
        for (var e = 0; e < events.Count; e++)
        {
            var observed = spans[e].Select(s => adjustment.Observe(values, Steps(s, first, step, values.Length), day)).ToList();
            if (FactorLearning.InForce(events[e].Factor, observed) is { } factor)
            {
                adjustment.learnt.Add((events[e], factor));
            }
        }

        adjustment.Fill(values, first, step, day, spans);
        return adjustment;
    }

    /// <summary>What the load of a step is multiplied by: the product over the events that touch it, each for the share that it covers.</summary>
    public double FactorOf(DateTimeOffset start, TimeSpan step)
    {
        double factor = 1;
        foreach (var (known, times) in learnt)
        {
            foreach (var span in known.Occurrences(start, start + step))
            {
                factor *= 1 + ((times - 1) * span.ShareOf(start, step));
            }
        }

        return factor;
    }

    private static (int From, int To) Steps(EventSpan span, DateTimeOffset first, TimeSpan step, int count)
    {
        var from = (int)Math.Clamp(Math.Floor((span.From - first) / step), 0, count);
        var to = (int)Math.Clamp(Math.Ceiling((span.To - first) / step), from, count);
        return (from, to);
    }

    // Sum of what came over the sum of what would have come; 0 unknown.
    private double Observe(float[] values, (int From, int To) steps, int day)
    {
        double actual = 0, usual = 0;
        for (var i = steps.From; i < steps.To; i++)
        {
            var level = QuietLevel.At(Quiet, i, steps.From, day);
            if (!float.IsNaN(values[i]) && level > 0)
            {
                actual += values[i];
                usual += level;
            }
        }

        return usual > 0 ? actual / usual : 0;
    }

    // What was taken out comes back divided by the factor in force, where there is one.
    private void Fill(float[] values, DateTimeOffset first, TimeSpan step, int day, List<List<EventSpan>> spans)
    {
        foreach (var (from, to) in spans.SelectMany(s => s).Select(s => Steps(s, first, step, values.Length)))
        {
            var observed = Observe(values, (from, to), day);
            for (var i = from; i < to; i++)
            {
                var factor = observed > 0 ? observed : FactorOf(first + (step * i), step);
                Quiet[i] = observed > 0 || factor != 1 ? (float)(values[i] / factor) : float.NaN;
            }
        }
    }
}
