namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>Finds recurring spikes in a series: by the rules that single spikes follow, and by what has come at the same time on each of the last days.</summary>
internal static class ProposalFinder
{
    /// <summary>How far apart two daily rules begin that are the same, minutes.</summary>
    private const double SameMinutes = 30;

    /// <summary>Proposals, those with the most occurrences first.</summary>
    /// <param name="values">Oldest first, up to now; NaN is a gap.</param>
    /// <param name="day">Steps in a day.</param>
    /// <param name="first">When the first value's step begins.</param>
    /// <param name="zone">The operator's zone.</param>
    public static List<EventProposal> Find(float[] values, int day, DateTimeOffset first, TimeSpan step, TimeZoneInfo zone)
    {
        var proposals = RecurrenceFinder.Find(SpikeFinder.Find(values, day), values.Length, first, step, zone);
        if (DailyRiseFinder.Find(values, day) is { } rise)
        {
            var local = TimeZoneInfo.ConvertTime(first + (step * rise.Slot), zone);
            var rule = new EventRule(EventRepeat.Daily, DateOnly.FromDateTime(local.DateTime), local.DayOfWeek, local.Day, new TimeOnly(local.Hour, local.Minute));
            if (!proposals.Any(p => p.Rule.Repeat == EventRepeat.Daily && Apart(p.Rule.Time, rule.Time) <= SameMinutes))
            {
                proposals.Add(new EventProposal(rule, step * rise.Steps, rise.Factor, DailyRiseFinder.Occurrences, DailyRiseFinder.Occurrences));
            }
        }

        return proposals;
    }

    // Minutes, the shorter way round the clock.
    private static double Apart(TimeOnly a, TimeOnly b)
    {
        var minutes = Math.Abs((a.ToTimeSpan() - b.ToTimeSpan()).TotalMinutes);
        return Math.Min(minutes, TimeSpan.FromDays(1).TotalMinutes - minutes);
    }
}
