using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Settings.Core;

/// <summary>One occurrence of a window. <paramref name="End"/> is exclusive.</summary>
internal sealed record WindowSpan(WindowRule Rule, DateTimeOffset Start, DateTimeOffset End);

/// <summary>
/// When windows are open. Starts and ends are read on the zone's wall clock: one that the change to summer time skips is moved to the first moment after the gap, one
/// that comes twice is taken at its first coming, so that a window is never lost and never opens twice a day.
/// </summary>
internal static class WindowCalendar
{
    /// <summary>How far ahead a next window is looked for, days.</summary>
    public const int HorizonDays = 400;

    /// <summary>The open window of a kind that ends last; null when none is open. Only enabled ones count.</summary>
    public static WindowSpan? Open(IReadOnlyList<WindowRule> rules, WindowKind kind, DateTimeOffset now) => rules
        .Where(r => r.Enabled && r.Kind == kind).Select(r => Open(r, now)).Where(s => s is not null).MaxBy(s => s!.End);

    /// <summary>The occurrence of one rule that covers a moment; null outside.</summary>
    public static WindowSpan? Open(WindowRule rule, DateTimeOffset now)
    {
        var today = Today(rule, now);
        for (var back = 1; back >= 0; back--)
        {
            if (On(rule, today.AddDays(-back)) is { } span && span.Start <= now && now < span.End)
            {
                return span;
            }
        }

        return null;
    }

    /// <summary>The next maintenance window that is open at or after a moment and not frozen all through; null where none comes within <see cref="HorizonDays"/>.</summary>
    /// <returns>The span with its first moment that is not before <paramref name="from"/> and not frozen.</returns>
    public static (WindowSpan Span, DateTimeOffset Start)? Next(IReadOnlyList<WindowRule> rules, DateTimeOffset from) => rules
        .Where(r => r.Enabled && r.Kind == WindowKind.Maintenance)
        .SelectMany(r => Occurrences(r, from).Select(s => (Span: s, Start: AfterFreeze(rules, s.Start > from ? s.Start : from))).Where(p => p.Start < p.Span.End).Take(1))
        .OrderBy(p => p.Start).Select(p => ((WindowSpan, DateTimeOffset)?)p).FirstOrDefault();

    /// <summary>The first moment at or after <paramref name="from"/> that no freeze covers.</summary>
    public static DateTimeOffset AfterFreeze(IReadOnlyList<WindowRule> rules, DateTimeOffset from)
    {
        for (var turn = 0; turn < HorizonDays && Open(rules, WindowKind.Freeze, from) is { } frozen; turn++)
        {
            from = frozen.End;
        }

        return from;
    }

    /// <summary>Occurrences that end after a moment, in order, for <see cref="HorizonDays"/>.</summary>
    public static IEnumerable<WindowSpan> Occurrences(WindowRule rule, DateTimeOffset from)
    {
        var today = Today(rule, from);
        return Enumerable.Range(-1, HorizonDays).Select(d => On(rule, today.AddDays(d))).OfType<WindowSpan>().Where(s => s.End > from);
    }

    /// <summary>The zone of a name; null where there is none.</summary>
    public static TimeZoneInfo? Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    private static DateOnly Today(WindowRule rule, DateTimeOffset now) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Zone(rule.TimeZone) ?? TimeZoneInfo.Utc).DateTime);

    private static WindowSpan? On(WindowRule rule, DateOnly day)
    {
        if ((rule.Days.Count > 0 && !rule.Days.Contains(day.DayOfWeek)) || day < (rule.FirstDay ?? DateOnly.MinValue) || day > (rule.LastDay ?? DateOnly.MaxValue))
        {
            return null;
        }

        var zone = Zone(rule.TimeZone) ?? TimeZoneInfo.Utc;
        var start = Moment(day.ToDateTime(rule.From), zone);
        var end = Moment((rule.To > rule.From ? day : day.AddDays(1)).ToDateTime(rule.To), zone);
        return end > start ? new WindowSpan(rule, start, end) : null;
    }

    private static DateTimeOffset Moment(DateTime wall, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(wall))
        {
            wall = wall.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset).ToUniversalTime();
    }
}
