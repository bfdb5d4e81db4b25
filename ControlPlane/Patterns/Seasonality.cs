namespace ShardConsole.ControlPlane.Patterns;

/// <summary>How the request rate depends on the hour of the day and on the day of the week.</summary>
/// <param name="Days">Days that were measured, whole and parts.</param>
/// <param name="HourOfWeek">Mean rate a second, [day × 24 + hour] from Monday 00:00 in the zone; NaN where nothing was measured.</param>
/// <param name="Daily">Share of the variance that the hour of the day explains, 0..1; NaN with less than two days.</param>
/// <param name="Weekly">Share that the day of the week explains beyond that, 0..1; NaN with less than two weeks.</param>
/// <param name="Peak">Place of the busiest hour in <paramref name="HourOfWeek"/>; -1 where nothing was measured.</param>
/// <param name="Trough">Place of the quietest hour; -1 where nothing was measured.</param>
internal sealed record SeasonProfile(double Days, double[] HourOfWeek, double Daily, double Weekly, int Peak, int Trough);

/// <summary>Finds daily and weekly seasons in a rate. The same input gives the same answer.</summary>
internal static class Seasonality
{
    /// <summary>Hours of a week.</summary>
    public const int Hours = 168;

    /// <summary>The profile of hourly means. NaN is a gap and counts nowhere.</summary>
    /// <param name="starts">Start of each hour.</param>
    /// <param name="rates">Rate of each hour, a second.</param>
    /// <param name="zone">Zone of the hours of the day.</param>
    public static SeasonProfile Of(IReadOnlyList<DateTimeOffset> starts, IReadOnlyList<double> rates, TimeZoneInfo zone)
    {
        var known = Enumerable.Range(0, starts.Count).Where(i => double.IsFinite(rates[i])).Select(i => (Place: PlaceOf(starts[i], zone), Rate: rates[i])).ToList();
        var week = new double[Hours];
        Array.Fill(week, double.NaN);
        foreach (var group in known.GroupBy(k => k.Place))
        {
            week[group.Key] = group.Average(k => k.Rate);
        }

        var days = known.Count / 24d;
        var daily = days < 2 ? double.NaN : Explained(known.ConvertAll(k => (k.Place % 24, k.Rate)));
        var both = days < 14 ? double.NaN : Explained(known);
        var order = Enumerable.Range(0, Hours).Where(i => !double.IsNaN(week[i])).OrderBy(i => week[i]).ThenBy(i => i).ToList();
        return new SeasonProfile(days, week, daily, Math.Max(0, both - daily), order.Count > 0 ? order[^1] : -1, order.Count > 0 ? order[0] : -1);
    }

    /// <summary>Monday 00:00 is 0.</summary>
    private static int PlaceOf(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return (((int)local.DayOfWeek + 6) % 7 * 24) + local.Hour;
    }

    /// <summary>1 − variance within the groups ÷ variance, less what as many groups of pure chance would explain; 0 where nothing varies.</summary>
    private static double Explained(List<(int Group, double Rate)> values)
    {
        var mean = values.Average(v => v.Rate);
        var total = values.Sum(v => (v.Rate - mean) * (v.Rate - mean));
        var groups = values.GroupBy(v => v.Group).Select(g => g.Select(v => v.Rate).ToList()).ToList();
        var within = groups.Sum(g => g.Sum(r => (r - g.Average()) * (r - g.Average())));
        var free = values.Count - groups.Count;
        return total <= 0 || free <= 0 ? 0 : Math.Clamp(1 - (within / free / (total / (values.Count - 1))), 0, 1);
    }
}
