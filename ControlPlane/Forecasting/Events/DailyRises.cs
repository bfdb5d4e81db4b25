namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>
/// How far each half hour of a day lay above what is usual at its time, in logarithms and in units of what that time of day does anyway. Both sides of a ratio have the series'
/// mean added, so that next to no load that becomes little is no rise. Works on memory that it is given and changes none of it.
/// </summary>
/// <param name="values">Oldest first, up to now; NaN is a gap.</param>
/// <param name="day">Steps in a day, at least 24.</param>
/// <param name="occurrences">Days in a row that are looked at together.</param>
internal readonly ref struct DailyRises(ReadOnlySpan<float> values, int day, int occurrences)
{
    /// <summary>Days that say what is usual.</summary>
    private const int UsualDays = 14;

    /// <summary>Days there must be for that.</summary>
    public const int FewUsual = 4;

    /// <summary>How much of a time's own unrest is divided out: 1 all of it, 0 none.</summary>
    private const double Unrest = 0.7;

    /// <summary>A time of day counts as at least this part as restless as the mean one.</summary>
    private const double LeastUnrest = 0.1;

    private readonly ReadOnlySpan<float> values = values;
    private readonly int day = day;
    private readonly int occurrences = occurrences;
    private readonly double small = MeanOf(values);

    /// <summary>Steps of the half hour.</summary>
    public int Window => Math.Max(1, day / 48);

    /// <summary>
    /// Per slot of a day: the least, and the mean, over the days in a row that end <paramref name="back"/> days ago of the mean rise over a half hour that begins there; NaN unknown.
    /// </summary>
    public (float[] Least, float[] Mean) Least(int back)
    {
        var (least, mean) = (new float[day], new float[day]);
        Array.Fill(least, float.PositiveInfinity);
        var usual = UsualBefore(back);
        for (var k = 0; k < occurrences; k++)
        {
            var rises = OfDay(back + k, usual);
            for (var slot = 0; slot < day; slot++)
            {
                least[slot] = Math.Min(least[slot], rises[slot]);
                mean[slot] += rises[slot] / occurrences;
            }
        }

        return (least, mean);
    }

    /// <summary>Per day back, as long as there is enough before it: the rises of that day alone.</summary>
    public List<float[]> Days(int count)
    {
        var days = new List<float[]>();
        for (var back = 0; back < count && (values.Length / day) - back - occurrences >= FewUsual; back++)
        {
            days.Add(OfDay(back, UsualBefore(back)));
        }

        return days;
    }

    /// <summary>What the rises at each slot are divided by: how large they are there on the other days, but for those in question and the newest ones.</summary>
    /// <param name="days">As <see cref="Days"/> gives them.</param>
    /// <param name="back">The newest of the days in question.</param>
    public double[] Scale(List<float[]> days, int back)
    {
        var (squares, counts) = (new double[day], new int[day]);
        for (var b = occurrences; b < days.Count; b++)
        {
            for (var slot = 0; slot < day && (b < back || b >= back + occurrences); slot++)
            {
                var rise = days[b][slot];
                squares[slot] += rise > 0 ? rise * rise : 0;
                counts[slot] += float.IsNaN(rise) ? 0 : 1;
            }
        }

        var scale = new double[day];
        for (var slot = 0; slot < day; slot++)
        {
            double sum = 0;
            var count = 0;
            for (var k = slot - Window + day; k <= slot + Window + day; k++)
            {
                sum += squares[k % day];
                count += counts[k % day];
            }

            scale[slot] = count > 0 ? Math.Sqrt(sum / count) : 0;
        }

        // A fiftieth: a series that never moves at all divides by something.
        var least = (LeastUnrest * scale.Average()) + 0.02;
        return [.. scale.Select(s => Math.Pow(s + least, Unrest))];
    }

    /// <summary>Median of the slot of index <paramref name="i"/> and its neighbours on that day and the days before it; NaN where they are too few.</summary>
    public double Usual(int i)
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

    // What was usual before the days in a row that end `back` days ago.
    private double[] UsualBefore(int back)
    {
        var first = values.Length - ((back + occurrences + 1) * day);
        var usual = new double[day];
        for (var slot = 0; slot < day; slot++)
        {
            usual[slot] = Usual(first + slot);
        }

        return usual;
    }

    private float[] OfDay(int back, double[] usual)
    {
        var (rises, sorted, means) = (new float[day], new float[day], new float[day]);
        var first = values.Length - ((back + 1) * day);
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
            for (var i = slot; i < slot + Window; i++)
            {
                sum += rises[i % day] - level;
            }

            means[slot] = sum / Window;
        }

        return means;
    }

    private static double MeanOf(ReadOnlySpan<float> values)
    {
        double mean = 0;
        foreach (var value in values)
        {
            mean += float.IsNaN(value) ? 0 : value / (double)values.Length;
        }

        return mean;
    }
}
