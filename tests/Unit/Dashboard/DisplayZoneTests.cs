using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.Unit.Dashboard;

public sealed class DisplayZoneTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 19, 2, 10, 0, TimeSpan.Zero);

    [Fact]
    public void Times_are_in_the_viewers_zone_and_an_unknown_zone_changes_nothing()
    {
        var zone = new DisplayZone();
        Assert.Equal("02:10", zone.Clock(Now));
        Assert.False(zone.TrySet("Middle/Earth"));
        Assert.Equal("UTC", zone.Name);
        Assert.True(zone.TrySet("Europe/Berlin"));
        Assert.Equal("03:10", zone.Clock(Now));
        Assert.Equal("Thu 19 Nov 2026, 03:10", zone.Full(Now));
    }

    [Fact]
    public void A_day_is_named_when_it_is_another_one()
    {
        var zone = Berlin();
        Assert.Equal("08:55", zone.When(Now.AddHours(5.75), Now));
        Assert.Equal("Wed 18:10", zone.When(Now.AddHours(-9), Now));
        Assert.Equal("9 Nov 03:10", zone.When(Now.AddDays(-10), Now));
        Assert.Equal("–", zone.When(null, Now));
    }

    [Fact]
    public void The_doubled_hour_shows_its_offset()
    {
        var zone = Berlin();
        var first = new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);
        Assert.Equal("02:30 +02:00", zone.Clock(first));
        Assert.Equal("02:30 +01:00", zone.Clock(first.AddHours(1)));
        Assert.Equal("03:30", zone.Clock(first.AddHours(2)));
    }

    [Fact]
    public void An_age_becomes_a_time_after_an_hour()
    {
        var zone = Berlin();
        Assert.Equal("now", zone.Age(Now, Now));
        Assert.Equal("2\u00A0min ago", zone.Age(Now.AddMinutes(-2), Now));
        Assert.Equal("01:10", zone.Age(Now.AddHours(-2), Now));
    }

    [Fact]
    public void An_eta_has_its_spread() => Assert.Equal("03:11 (±\u00A020\u00A0s)", Berlin().Eta(Now, 60, 20));

    private static DisplayZone Berlin()
    {
        var zone = new DisplayZone();
        zone.TrySet("Europe/Berlin");
        return zone;
    }
}
