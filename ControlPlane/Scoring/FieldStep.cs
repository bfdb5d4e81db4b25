namespace ShardConsole.ControlPlane.Scoring;

/// <summary>One step of the horizon and the steps of the forecast that say what it carries.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Span">How long it lasts; the last one ends with the horizon.</param>
/// <param name="First">First step of the forecast that it is read from.</param>
/// <param name="Count">How many, at least 1; more than one are averaged.</param>
/// <param name="Repeated">It lies beyond the forecast and repeats the day before.</param>
internal readonly record struct FieldStep(DateTimeOffset Start, TimeSpan Span, int First, int Count, bool Repeated)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// The steps of a forecast that are not over at <paramref name="now"/> and begin within the horizon. A horizon that is longer than the forecast goes on in hours that
    /// repeat those a day earlier. It counts from <paramref name="now"/>; one that is not longer than the forecast never asks for more than there is.
    /// </summary>
    public static IReadOnlyList<FieldStep> Of(IReadOnlyList<DateTimeOffset> starts, IReadOnlyList<TimeSpan> spans, DateTimeOffset now, TimeSpan horizon)
    {
        var end = now + horizon;
        var steps = new List<FieldStep>();
        for (var k = 0; k < starts.Count; k++)
        {
            if (starts[k] + spans[k] > now && starts[k] < end)
            {
                steps.Add(new FieldStep(starts[k], Within(starts[k], spans[k], end), k, 1, false));
            }
        }

        var until = starts[^1] + spans[^1];
        if (steps.Count == 0 || horizon <= until - starts[0] || until - starts[0] < Day)
        {
            return steps;
        }

        for (var start = until; start < end; start += Hour)
        {
            var before = start - Day;
            while (before + Hour > until)
            {
                before -= Day;
            }

            var read = Enumerable.Range(0, starts.Count).Where(k => starts[k] < before + Hour && starts[k] + spans[k] > before).ToArray();
            steps.Add(new FieldStep(start, Within(start, Hour, end), read[0], read.Length, true));
        }

        return steps;
    }

    /// <summary>Mean of a segment over the steps that are read; NaN where one of them is unknown.</summary>
    public double Mean(IReadOnlyList<float[]> values, int segment)
    {
        double sum = 0;
        for (var k = First; k < First + Count; k++)
        {
            sum += values[k][segment];
        }

        return sum / Count;
    }

    /// <summary>The same of a spread: a day further ahead it is that of two days' independent errors.</summary>
    public float Spread(IReadOnlyList<float[]> values, int segment) => (float)(Mean(values, segment) * (Repeated ? Math.Sqrt(2) : 1));

    private static TimeSpan Within(DateTimeOffset start, TimeSpan span, DateTimeOffset end) => start + span <= end ? span : end - start;
}
