namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>A rise that stood out.</summary>
/// <param name="From">Index of its first step.</param>
/// <param name="Steps">How many steps it lasted.</param>
/// <param name="Factor">Load over what was usual, mean over its steps.</param>
internal readonly record struct Spike(int From, int Steps, double Factor);

/// <summary>Finds rises above what the same time of other days and the hours around suggest.</summary>
internal static class SpikeFinder
{
    /// <summary>Least factor of a spike.</summary>
    private const double LeastFactor = 1.4;

    /// <summary>Usual deviations that it must exceed.</summary>
    private const double Deviations = 5;

    /// <summary>Steps that it must last: one wild value is no event.</summary>
    private const int LeastSteps = 2;

    /// <summary>All spikes, ascending.</summary>
    /// <param name="values">Oldest first; NaN is a gap.</param>
    /// <param name="day">Steps in a day.</param>
    public static List<Spike> Find(ReadOnlySpan<float> values, int day)
    {
        var rises = Rises(values, day);
        var sorted = Array.FindAll(rises, r => !float.IsNaN(r));
        if (sorted.Length < day)
        {
            return [];
        }

        for (var i = 0; i < sorted.Length; i++)
        {
            sorted[i] = Math.Abs(sorted[i]);
        }

        Array.Sort(sorted);
        var least = Math.Max(Math.Log(LeastFactor), Deviations * 1.48 * sorted[sorted.Length / 2]);
        var spikes = new List<Spike>();
        for (var i = 0; i < rises.Length; i++)
        {
            if (!(rises[i] >= least))
            {
                continue;
            }

            // A step or two in the middle may be weaker.
            int from = i, last = i;
            for (; i < rises.Length && i <= last + 2; i++)
            {
                last = rises[i] >= least ? i : last;
            }

            i = last;
            var steps = last - from + 1;
            if (steps >= LeastSteps && steps <= day / 4)
            {
                spikes.Add(new Spike(from, steps, Factor(values, from, steps, day)));
            }
        }

        return spikes;
    }

    // ln of value over usual, less the median of the hours on either side; NaN where nothing is known.
    private static float[] Rises(ReadOnlySpan<float> values, int day)
    {
        double mean = 0;
        var count = 0;
        foreach (var value in values)
        {
            mean += float.IsNaN(value) ? 0 : value;
            count += float.IsNaN(value) ? 0 : 1;
        }

        var small = 0.1 * mean / Math.Max(1, count);
        var raw = new float[values.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            var usual = QuietLevel.Usual(values, i, day);
            raw[i] = float.IsNaN(values[i]) || double.IsNaN(usual) || !(small > 0) ? float.NaN : (float)Math.Log((values[i] + small) / (usual + small));
        }

        var around = new float[raw.Length];
        var half = day / 4;
        var window = new float[((2 * half) / 3) + 2];
        for (var i = 0; i < raw.Length; i++)
        {
            // Every third step of half a day around tells the level well enough.
            var n = 0;
            for (var k = Math.Max(0, i - half); k <= Math.Min(raw.Length - 1, i + half) && n < window.Length; k += 3)
            {
                if (!float.IsNaN(raw[k]))
                {
                    window[n++] = raw[k];
                }
            }

            Array.Sort(window, 0, n);
            around[i] = n < 8 ? float.NaN : raw[i] - window[n / 2];
        }

        return around;
    }

    private static double Factor(ReadOnlySpan<float> values, int from, int steps, int day)
    {
        double actual = 0, usual = 0;
        for (var i = from; i < from + steps; i++)
        {
            var level = QuietLevel.Usual(values, i, day);
            if (!float.IsNaN(values[i]) && level > 0)
            {
                actual += values[i];
                usual += level;
            }
        }

        return usual > 0 ? Math.Min(actual / usual, CalendarEvent.MaxFactor) : CalendarEvent.MaxFactor;
    }
}
