using System.Globalization;

namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>How often an event comes.</summary>
internal enum EventRepeat
{
    /// <summary>At one date.</summary>
    Once,

    /// <summary>Every day.</summary>
    Daily,

    /// <summary>On one day of every week.</summary>
    Weekly,

    /// <summary>On one day of every month.</summary>
    Monthly,
}

/// <summary>
/// When an event begins, in local time: "once 2026-03-01 18:00", "daily 09:00", "weekly friday 18:00", "monthly 1 00:00", "monthly last 20:00". A day that a month does
/// not have (monthly 31) is its last one.
/// </summary>
/// <param name="Date">The date of what comes once.</param>
/// <param name="Weekday">The day of what comes weekly.</param>
/// <param name="MonthDay">1..31; 31 is the last of every month.</param>
/// <param name="Time">Local time of day.</param>
internal sealed record EventRule(EventRepeat Repeat, DateOnly Date, DayOfWeek Weekday, int MonthDay, TimeOnly Time)
{
    /// <summary>What a rule may look like, for messages.</summary>
    public const string Forms = "'once 2026-03-01 18:00', 'daily 09:00', 'weekly friday 18:00', 'monthly 1 00:00' or 'monthly last 20:00'";

    private const int LastDay = 31;

    /// <summary>Reads a rule; false where it is none.</summary>
    public static bool TryParse(string text, out EventRule rule)
    {
        rule = new EventRule(EventRepeat.Once, default, default, 1, default);
        var words = text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !TimeOnly.TryParseExact(words[^1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return false;
        }

        switch (words)
        {
            case ["once", var day, _] when DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date):
                rule = new EventRule(EventRepeat.Once, date, date.DayOfWeek, 1, time);
                return true;
            case ["daily", _]:
                rule = rule with { Repeat = EventRepeat.Daily, Time = time };
                return true;
            case ["weekly", var day, _] when DayNamed(day) is { } weekday:
                rule = rule with { Repeat = EventRepeat.Weekly, Weekday = weekday, Time = time };
                return true;
            case ["monthly", "last", _]:
                rule = rule with { Repeat = EventRepeat.Monthly, MonthDay = LastDay, Time = time };
                return true;
            case ["monthly", var day, _] when int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= LastDay:
                rule = rule with { Repeat = EventRepeat.Monthly, MonthDay = number, Time = time };
                return true;
            default:
                return false;
        }
    }

    /// <summary>Beginnings in [from, to), ascending. A local time that a change of clocks skips is taken as it would have been without the change; of one that comes twice, the first.</summary>
    public IEnumerable<DateTimeOffset> Beginnings(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(from, zone).DateTime).AddDays(-1);
        var last = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(to, zone).DateTime).AddDays(1);
        if (Repeat == EventRepeat.Once)
        {
            (day, last) = (Date > day ? Date : day, Date < last ? Date : last);
        }

        for (; day <= last; day = day.AddDays(1))
        {
            if (Falls(day) && Moment(day, zone) is var at && at >= from && at < to)
            {
                yield return at;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Repeat switch
    {
        EventRepeat.Once => string.Create(CultureInfo.InvariantCulture, $"once {Date:yyyy-MM-dd} {Time:HH:mm}"),
        EventRepeat.Daily => string.Create(CultureInfo.InvariantCulture, $"daily {Time:HH:mm}"),
        EventRepeat.Weekly => string.Create(CultureInfo.InvariantCulture, $"weekly {Weekday.ToString().ToLowerInvariant()} {Time:HH:mm}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"monthly {(MonthDay == LastDay ? "last" : MonthDay)} {Time:HH:mm}"),
    };

    private bool Falls(DateOnly day) => Repeat switch
    {
        EventRepeat.Once => day == Date,
        EventRepeat.Daily => true,
        EventRepeat.Weekly => day.DayOfWeek == Weekday,
        _ => day.Day == Math.Min(MonthDay, DateTime.DaysInMonth(day.Year, day.Month)),
    };

    private DateTimeOffset Moment(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(Time);
        var offset = zone.IsInvalidTime(local) ? zone.GetUtcOffset(local.AddDays(-1))
            : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max()
            : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    // Three letters are enough.
    private static DayOfWeek? DayNamed(string word)
    {
        foreach (var day in Enum.GetValues<DayOfWeek>())
        {
            if (word.Length >= 3 && day.ToString().StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return day;
            }
        }

        return null;
    }
}
