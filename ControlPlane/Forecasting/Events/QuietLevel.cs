namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>
/// What a series would have been at a moment without anything special: the median of the same slot (and its neighbours) on earlier days, moved by how the hours before
/// the moment compared with the same hours of those days. Event steps can be left out by making them NaN.
/// </summary>
internal static class QuietLevel
{
    /// <summary>Earlier days that are looked at.</summary>
    private const int Days = 14;

    /// <summary>Days there must be.</summary>
    private const int FewDays = 2;

    /// <summary>The level at index <paramref name="i"/>, seen from before <paramref name="from"/>; NaN where there is too little to tell.</summary>
    /// <param name="values">The series; NaN is left out.</param>
    /// <param name="from">First step of what is special: nothing from here on is read as normal.</param>
    /// <param name="day">Steps in a day.</param>
    public static double At(ReadOnlySpan<float> values, int i, int from, int day)
    {
        var usual = Usual(values, i, day);
        var near = Math.Max(2, day / 12);
        double actual = 0, expected = 0;
        for (var k = Math.Max(0, from - near); k < from; k++)
        {
            var was = Usual(values, k, day);
            if (!float.IsNaN(values[k]) && !double.IsNaN(was))
            {
                actual += values[k];
                expected += was;
            }
        }

        // Half of a deviation is taken to last: the hours before say something of the level, and something of noise.
        var moved = expected > 0 && actual > 0 ? Math.Sqrt(Math.Clamp(actual / expected, 0.1, 10)) : 1;
        return usual * moved;
    }

    /// <summary>Median of the slot of index <paramref name="i"/> and its two neighbours over the days before.</summary>
    public static double Usual(ReadOnlySpan<float> values, int i, int day)
    {
        Span<float> found = stackalloc float[3 * Days];
        int count = 0, days = 0;
        for (var back = 1; back <= Days && i - (back * day) >= 0; back++)
        {
            var before = count;
            for (var k = Math.Max(0, i - (back * day) - 1); k <= i - (back * day) + 1 && k < values.Length; k++)
            {
                if (!float.IsNaN(values[k]))
                {
                    found[count++] = values[k];
                }
            }

            days += count > before ? 1 : 0;
        }

        if (days < FewDays)
        {
            return double.NaN;
        }

        found[..count].Sort();
        return found[count / 2];
    }
}
