namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>A rise that came at the same time on each of the last days.</summary>
/// <param name="Slot">Index of its first step on the last of them.</param>
/// <param name="Steps">How many steps it lasts.</param>
/// <param name="Factor">Load over what was usual, geometric mean over the days.</param>
internal readonly record struct DailyRise(int Slot, int Steps, double Factor);

/// <summary>
/// Finds what began to recur daily three days ago, also where a single occurrence would not stand out: at each time of day the least of the three days' rises over half an hour is
/// compared with the largest that any earlier three days in a row had at another time. That largest is what chance brings about in this very series.
/// </summary>
internal static class DailyRiseFinder
{
    /// <summary>Occurrences that are looked for.</summary>
    public const int Occurrences = 3;

    /// <summary>Least factor of a rise.</summary>
    private const double LeastFactor = 1.4;

    /// <summary>How far, in logarithms, a rise must exceed the largest by chance.</summary>
    private const double Margin = 1.25;

    /// <summary>Days in a row that are compared with at most, and at least.</summary>
    private const int MostEarlier = 21;

    private const int FewEarlier = 4;

    /// <summary>Days that say what is usual.</summary>
    private const int UsualDays = 14;

    private const int FewUsual = 4;

    /// <summary>The rise that stands out most; null where none does or the history is too short to tell (eleven days).</summary>
    /// <param name="values">Oldest first, up to now; NaN is a gap.</param>
    /// <param name="day">Steps in a day, at least 24.</param>
    public static DailyRise? Find(ReadOnlySpan<float> values, int day)
    {
        var window = Math.Max(1, day / 48);
        var days = values.Length / day;
        var earlier = Math.Min(MostEarlier, days - Occurrences - FewUsual);
        if (earlier < FewEarlier)
        {
            return null;
        }

        double mean = 0;
        foreach (var value in values)
        {
            mean += float.IsNaN(value) ? 0 : value / (double)values.Length;
        }

        var (now, typical) = Least(values, day, 0, window, 0.1 * mean);
        var best = -1;
        for (var slot = 0; slot < day; slot++)
        {
            best = !float.IsNaN(now[slot]) && (best < 0 || now[slot] > now[best]) ? slot : best;
        }

        if (best < 0 || now[best] < Math.Log(LeastFactor))
        {
            return null;
        }

        var (from, steps) = Extent(typical, best, day, window);
        for (var back = 1; back <= earlier; back++)
        {
            var (then, _) = Least(values, day, back, window, 0.1 * mean);
            for (var slot = 0; slot < day; slot++)
            {
                // What this very rise did on the days before is no chance.
                if (Math.Min(Math.Abs(slot - best), day - Math.Abs(slot - best)) > steps + window && Margin * then[slot] > now[best])
                {
                    return null;
                }
            }
        }

        return Measure(values, day, from, steps);
    }

    // Per slot of a day: the least, and the mean, over the three days that end `back` days ago of the mean rise over a window that begins there; NaN unknown.
    private static (float[] Least, float[] Mean) Least(ReadOnlySpan<float> values, int day, int back, int window, double small)
    {
        var (least, mean) = (new float[day], new float[day]);
        Array.Fill(least, float.PositiveInfinity);
        var end = values.Length - (back * day);
        var usual = new double[day];
        for (var slot = 0; slot < day; slot++)
        {
            usual[slot] = Usual(values, end - (Occurrences * day) - day + slot, day);
        }

        var rises = new float[day];
        var sorted = new float[day];
        for (var k = 0; k < Occurrences; k++)
        {
            var first = end - ((k + 1) * day);
            var known = 0;
            for (var slot = 0; slot < day; slot++)
            {
                var value = values[first + slot];
                rises[slot] = float.IsNaN(value) || double.IsNaN(usual[slot]) || !(small > 0) ? float.NaN : (float)Math.Log((value + small) / (usual[slot] + small));
                if (!float.IsNaN(rises[slot]))
                {
                    sorted[known++] = rises[slot];
                }
            }

            // A day that is higher as a whole is no event.
            Array.Sort(sorted, 0, known);
            var level = known > 0 ? sorted[known / 2] : 0;
            for (var slot = 0; slot < day; slot++)
            {
                float sum = 0;
                for (var i = slot; i < slot + window; i++)
                {
                    sum += rises[i % day] - level;
                }

                least[slot] = Math.Min(least[slot], sum / window);
                mean[slot] += sum / window / Occurrences;
            }
        }

        return (least, mean);
    }

    // Median of the slot of index i and its neighbours on that day and the days before it.
    private static double Usual(ReadOnlySpan<float> values, int i, int day)
    {
        Span<float> found = stackalloc float[3 * UsualDays];
        var (count, days) = (0, 0);
        for (var back = 0; back < UsualDays && i - (back * day) >= 0; back++, days++)
        {
            for (var k = Math.Max(0, i - (back * day) - 1); k <= i - (back * day) + 1; k++)
            {
                if (!float.IsNaN(values[k]))
                {
                    found[count++] = values[k];
                }
            }
        }

        if (days < FewUsual || count < days)
        {
            return double.NaN;
        }

        found[..count].Sort();
        return found[count / 2];
    }

    // Windows around the best one that still rise half as much; the rise itself ends a window after the last of them began.
    private static (int From, int Steps) Extent(float[] rises, int best, int day, int window)
    {
        var (from, to) = (best, best);
        while (from > best - (day / 4) && rises[(from - 1 + day) % day] >= 0.5 * rises[best])
        {
            from--;
        }

        while (to < best + (day / 4) && rises[(to + 1) % day] >= 0.5 * rises[best])
        {
            to++;
        }

        // At half the height half of the window lies outside.
        var steps = Math.Max(1, to - from + 1);
        return (from + (window / 2), Math.Max(1, steps - (window % 2 == 0 ? 1 : 0)));
    }

    private static DailyRise? Measure(ReadOnlySpan<float> values, int day, int from, int steps)
    {
        double logs = 0;
        var measured = 0;
        for (var k = 0; k < Occurrences; k++)
        {
            double actual = 0, expected = 0;
            for (var slot = from; slot < from + steps; slot++)
            {
                var i = values.Length - ((k + 1) * day) + slot;
                var usual = i >= 0 && i < values.Length ? Usual(values, i - ((Occurrences - k) * day), day) : double.NaN;
                if (!double.IsNaN(usual) && !float.IsNaN(values[i]))
                {
                    actual += values[i];
                    expected += usual;
                }
            }

            if (actual > 0 && expected > 0)
            {
                logs += Math.Log(actual / expected);
                measured++;
            }
        }

        return measured == 0 ? null : new DailyRise(values.Length - day + from, steps, Math.Clamp(Math.Exp(logs / measured), 1 / CalendarEvent.MaxFactor, CalendarEvent.MaxFactor));
    }
}
