using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.Unit.Settings;

public sealed class WindowCalendarTests
{
    private static readonly WindowRule Nights = new("nights", WindowKind.Maintenance, true, [], new TimeOnly(22, 0), new TimeOnly(6, 0), "Europe/Berlin");

    [Fact]
    public void A_window_over_midnight_is_open_on_both_days_of_its_zone()
    {
        Assert.NotNull(WindowCalendar.Open(Nights, At("2026-01-10T21:00:00Z")));
        Assert.NotNull(WindowCalendar.Open(Nights, At("2026-01-11T04:59:00Z")));
        Assert.Null(WindowCalendar.Open(Nights, At("2026-01-11T05:00:00Z")));
        Assert.Null(WindowCalendar.Open(Nights, At("2026-01-10T20:59:00Z")));
    }

    [Fact]
    public void The_day_of_a_window_is_the_day_on_which_it_begins()
    {
        var sunday = Nights with { Days = [DayOfWeek.Sunday] };

        Assert.NotNull(WindowCalendar.Open(sunday, At("2026-01-12T03:00:00Z"))); // Monday morning, of Sunday's night
        Assert.Null(WindowCalendar.Open(sunday, At("2026-01-11T03:00:00Z"))); // Sunday morning, of Saturday's night
    }

    [Fact]
    public void When_the_clock_changes_a_window_keeps_its_wall_clock()
    {
        var gap = Nights with { From = new TimeOnly(2, 30), To = new TimeOnly(4, 0) };

        Assert.Equal(At("2026-03-29T01:00:00Z"), WindowCalendar.Occurrences(gap, At("2026-03-29T00:00:00Z")).First().Start); // 02:30 does not exist: 03:00 summer time
        Assert.Equal(At("2026-10-25T00:30:00Z"), WindowCalendar.Occurrences(gap, At("2026-10-24T12:00:00Z")).First().Start); // 02:30 comes twice: the first
        Assert.Equal(At("2026-10-25T03:00:00Z"), WindowCalendar.Occurrences(gap, At("2026-10-24T12:00:00Z")).First().End);
    }

    [Fact]
    public void The_next_window_leaves_out_what_is_frozen()
    {
        var freeze = new WindowRule("sale", WindowKind.Freeze, true, [], new TimeOnly(0, 0), new TimeOnly(0, 0), "UTC", new DateOnly(2026, 1, 10), new DateOnly(2026, 1, 11));

        var next = WindowCalendar.Next([Nights, freeze], At("2026-01-10T12:00:00Z"));

        Assert.Equal(At("2026-01-12T00:00:00Z"), next!.Value.Start); // the night of the 11th, from the end of the freeze on
        Assert.Equal(At("2026-01-10T12:00:00Z").AddHours(9), WindowCalendar.Next([Nights], At("2026-01-10T12:00:00Z"))!.Value.Start);
        Assert.Null(WindowCalendar.Next([freeze], At("2026-01-10T12:00:00Z")));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
