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

    /// <summary>Least factor of the load with the mean added, on each of the days.</summary>
    private const double LeastRise = 1.2;

    /// <summary>Least factor of a rise over the days.</summary>
    private const double LeastFactor = 1.4;

    /// <summary>How many times as large as the largest by chance a rise must be.</summary>
    private const double Margin = 1.15;

    /// <summary>Days in a row that are compared with at most, and at least.</summary>
    private const int MostEarlier = 21;

    private const int FewEarlier = 4;

    /// <summary>The rise that stands out most; null where none does or the history is too short to tell (eleven days).</summary>
    /// <param name="values">Oldest first, up to now; NaN is a gap.</param>
    /// <param name="day">Steps in a day, at least 24.</param>
    public static DailyRise? Find(ReadOnlySpan<float> values, int day)
    {
        var earlier = Math.Min(MostEarlier, (values.Length / day) - Occurrences - DailyRises.FewUsual);
        if (earlier < FewEarlier)
        {
            return null;
        }

        var rises = new DailyRises(values, day, Occurrences);
        var days = rises.Days(earlier + Occurrences);
        var (now, typical) = rises.Least(0);
        var scale = rises.Scale(days, 0);
        var best = -1;
        for (var slot = 0; slot < day; slot++)
        {
            now[slot] = (float)(now[slot] / scale[slot]);
            best = !float.IsNaN(now[slot]) && (best < 0 || now[slot] > now[best]) ? slot : best;
        }

        if (best < 0 || now[best] * scale[best] < Math.Log(LeastRise))
        {
            return null;
        }

        var (from, steps) = Extent(typical, best, day, rises.Window);
        for (var back = 1; back <= earlier; back++)
        {
            var (then, _) = rises.Least(back);
            scale = rises.Scale(days, back);
            for (var slot = 0; slot < day; slot++)
            {
                // What this very rise did on the days before is no chance.
                if (Math.Min(Math.Abs(slot - best), day - Math.Abs(slot - best)) > steps + rises.Window && Margin * then[slot] / scale[slot] > now[best])
                {
                    return null;
                }
            }
        }

        return Measure(values, rises, day, from, steps);
    }

    // Half hours around the best one that still rise half as much; the rise itself ends half an hour after the last of them began.
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

    private static DailyRise? Measure(ReadOnlySpan<float> values, DailyRises rises, int day, int from, int steps)
    {
        double logs = 0;
        var measured = 0;
        for (var k = 0; k < Occurrences; k++)
        {
            double actual = 0, expected = 0;
            for (var slot = from; slot < from + steps; slot++)
            {
                var i = values.Length - ((k + 1) * day) + slot;
                var usual = i >= 0 && i < values.Length ? rises.Usual(i - ((Occurrences - k) * day)) : double.NaN;
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

        var factor = measured == 0 ? 0 : Math.Exp(logs / measured);
        return factor < LeastFactor ? null : new DailyRise(values.Length - day + from, steps, Math.Min(factor, CalendarEvent.MaxFactor));
    }
}
