namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>An entry of the operator's calendar.</summary>
/// <param name="Name">For people.</param>
/// <param name="Rule">When it begins.</param>
/// <param name="Length">How long it lasts, above 0, at most <see cref="MaxLength"/>.</param>
/// <param name="Zone">The zone that the rule's times are meant in.</param>
/// <param name="Factor">What the load is multiplied by, as announced, above 0; null: learn it from what past occurrences did.</param>
internal sealed record CalendarEvent(string Name, EventRule Rule, TimeSpan Length, TimeZoneInfo Zone, double? Factor)
{
    /// <summary>The longest that an event may last: what lasts longer is a new level, and that is followed by itself.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromDays(2);

    /// <summary>The largest factor that may be announced or is learnt; 1 divided by it is the smallest.</summary>
    public const double MaxFactor = 100;

    /// <summary>Occurrences that touch [from, to), ascending.</summary>
    public IEnumerable<EventSpan> Occurrences(DateTimeOffset from, DateTimeOffset to) =>
        Rule.Beginnings(from - Length, to, Zone).Select(at => new EventSpan(at, at + Length)).Where(span => span.To > from);
}

/// <summary>When something happens: from, inclusive, to, exclusive.</summary>
internal readonly record struct EventSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The share of a step that lies within, 0..1.</summary>
    public double ShareOf(DateTimeOffset start, TimeSpan step)
    {
        var from = start > From ? start : From;
        var to = start + step < To ? start + step : To;
        return to <= from ? 0 : (to - from) / step;
    }
}
