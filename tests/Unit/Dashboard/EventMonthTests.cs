using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Events;

namespace ShardConsole.Unit.Dashboard;

public sealed class EventMonthTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void A_month_begins_on_a_Monday_and_holds_six_weeks()
    {
        Assert.Equal(new DateOnly(2026, 10, 26), EventMonth.FirstOf(new DateOnly(2026, 11, 19)));
        Assert.Equal(new DateOnly(2026, 6, 1), EventMonth.FirstOf(new DateOnly(2026, 6, 30)));
        Assert.Equal(new DateOnly(2026, 11, 16), EventMonth.Monday(new DateOnly(2026, 11, 22)));
    }

    [Fact]
    public void Marks_stand_on_the_viewers_day_across_a_change_of_clocks()
    {
        // 23:30 UTC is the next day in Berlin, in winter and in summer.
        var late = new EventView(1, "Scan", "daily 23:30", 60, "UTC", "all", null, null, [], null, "ann", default);
        var days = EventMonth.Of(new DateOnly(2026, 3, 23), 14, Berlin, [late], [], []);

        Assert.All(days, d => Assert.Equal("Scan × ?", Assert.Single(d.Marks).Text));
        Assert.Equal(new DateTimeOffset(2026, 3, 28, 23, 30, 0, TimeSpan.Zero), days[6].Marks[0].At);
    }

    [Fact]
    public void Once_recurring_learned_windows_and_freezes_are_told_apart_and_what_is_off_is_left_out()
    {
        EventView Of(string rule) => new(1, "E", rule, 60, "UTC", "all", 2, 2, [], null, "ann", default);
        EventProposalView Found(string state) => new(1, "weekly tuesday 10:00", 60, "all", 1.5, 3, 3, state, default);
        WindowRule Rule(WindowKind kind, bool on, TimeOnly to) => new($"{kind}", kind, on, [DayOfWeek.Tuesday], new TimeOnly(12, 0), to, "UTC");

        var tuesday = EventMonth.Of(
            new DateOnly(2026, 3, 2), 7, TimeZoneInfo.Utc, [Of("once 2026-03-03 09:00"), Of("weekly tuesday 08:00"), Of("nonsense")], [Found("open"), Found("dismissed")],
            [Rule(WindowKind.Maintenance, true, new TimeOnly(14, 0)), Rule(WindowKind.Freeze, true, new TimeOnly(12, 0)), Rule(WindowKind.Maintenance, false, default)])[1];

        Assert.Equal(
            [("recurring", "E × 2"), ("once", "E × 2"), ("learned", "Learned × 1.5"), ("freeze", "Frozen all day"), ("window", "Window 12:00")], tuesday.Marks.Select(m => (m.Kind, m.Text)));
    }
}
