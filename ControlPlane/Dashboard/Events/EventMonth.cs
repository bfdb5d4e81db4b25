using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Dashboard.Events;

/// <summary>What stands in a cell of the calendar.</summary>
/// <param name="Kind">"once", "recurring", "learned", "window" or "freeze".</param>
/// <param name="Text">"Flash sale × 2.4".</param>
/// <param name="At">When it begins.</param>
/// <param name="Event">The event; 0 for what is none.</param>
/// <param name="Proposal">The proposal; 0 for what is none.</param>
internal sealed record EventMark(string Kind, string Text, DateTimeOffset At, long Event = 0, long Proposal = 0);

/// <summary>A day of the calendar.</summary>
internal sealed record EventDay(DateOnly Date, IReadOnlyList<EventMark> Marks);

/// <summary>The days that a view of the calendar shows, Monday first, with everything that begins on them in the viewer's zone.</summary>
internal static class EventMonth
{
    /// <summary>Days of six weeks: every month fits.</summary>
    public const int MonthDays = 42;

    /// <summary>First day that the view of a month shows.</summary>
    public static DateOnly FirstOf(DateOnly month) => Monday(new DateOnly(month.Year, month.Month, 1));

    /// <summary>The Monday of a day's week.</summary>
    public static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    /// <summary>The days from <paramref name="first"/> on.</summary>
    public static IReadOnlyList<EventDay> Of(
        DateOnly first, int days, TimeZoneInfo zone, IReadOnlyList<EventView> events, IReadOnlyList<EventProposalView> proposals, IReadOnlyList<WindowRule> windows)
    {
        var (from, to) = (Start(first, zone), Start(first.AddDays(days), zone));
        var marks = events.SelectMany(e => Marks(e, from, to))
            .Concat(proposals.Where(p => p.State == "open").SelectMany(p => Marks(p, from, to)))
            .Concat(windows.Where(w => w.Enabled).SelectMany(w => WindowCalendar.Occurrences(w, from).TakeWhile(s => s.Start < to).Where(s => s.Start >= from).Select(s => Mark(s, zone))))
            .ToLookup(m => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(m.At, zone).DateTime));
        return [.. Enumerable.Range(0, days).Select(d => first.AddDays(d)).Select(d => new EventDay(d, [.. marks[d].OrderBy(m => m.At).ThenBy(m => m.Text, StringComparer.Ordinal)]))];
    }

    /// <summary>"× 2.4"; "× ?" while nothing is known.</summary>
    public static string Times(double? factor) => factor is { } f ? string.Create(CultureInfo.InvariantCulture, $"× {f:0.##}") : "× ?";

    /// <summary>The next of all events, and when; null where none comes.</summary>
    public static (EventView Event, DateTimeOffset At)? Next(IReadOnlyList<EventView> events) =>
        events.Where(e => e.Next.Count > 0).Select(e => ((EventView, DateTimeOffset)?)(e, e.Next[0])).MinBy(e => e!.Value.Item2);

    private static IEnumerable<EventMark> Marks(EventView view, DateTimeOffset from, DateTimeOffset to) =>
        EventRule.TryParse(view.Rule, out var rule) && TimeZoneInfo.TryFindSystemTimeZoneById(view.Zone, out var zone)
            ? rule.Beginnings(from, to, zone).Select(at => new EventMark(rule.Repeat == EventRepeat.Once ? "once" : "recurring", $"{view.Name} {Times(view.Factor ?? view.FactorInForce)}", at, view.Id))
            : [];

    private static IEnumerable<EventMark> Marks(EventProposalView view, DateTimeOffset from, DateTimeOffset to) =>
        EventRule.TryParse(view.Rule, out var rule)
            ? rule.Beginnings(from, to, TimeZoneInfo.Utc).Select(at => new EventMark("learned", $"Learned {Times(view.Factor)}", at, Proposal: view.Id)) : [];

    private static EventMark Mark(WindowSpan span, TimeZoneInfo zone)
    {
        var allDay = span.End - span.Start >= TimeSpan.FromHours(24);
        var clock = allDay ? "all day" : TimeZoneInfo.ConvertTime(span.Start, zone).ToString("HH:mm", CultureInfo.InvariantCulture);
        return span.Rule.Kind == WindowKind.Freeze ? new EventMark("freeze", $"Frozen {clock}", span.Start) : new EventMark("window", $"Window {clock}", span.Start);
    }

    private static DateTimeOffset Start(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
