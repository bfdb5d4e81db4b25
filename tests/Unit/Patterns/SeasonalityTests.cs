using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.Unit.Patterns;

public sealed class SeasonalityTests
{
    // A Monday.
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("flat", 28, 0, 0)]
    [InlineData("daily", 28, 1, 0)]
    [InlineData("weekdays", 28, 0, 1)]
    public void Seasons_are_told_by_what_they_explain(string shape, int days, double daily, double weekly)
    {
        var profile = Of(days, at => shape switch
        {
            "daily" => at.Hour == 9 ? 100 : 10,
            "weekdays" => at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 10 : 100,
            _ => 50,
        });

        Assert.Equal((daily, weekly), (Math.Round(profile.Daily, 1), Math.Round(profile.Weekly, 1)));
        Assert.Equal(days, profile.Days, 6);
    }

    [Fact]
    public void Chance_alone_is_no_season()
    {
        var random = new Random(7);
        var profile = Of(28, _ => random.NextDouble());

        Assert.InRange(profile.Daily, 0, 0.1);
        Assert.InRange(profile.Weekly, 0, 0.15);
    }

    [Fact]
    public void The_hours_are_those_of_the_zone_and_begin_on_monday()
    {
        var profile = Of(14, at => at.DayOfWeek == DayOfWeek.Sunday && at.Hour == 23 ? 100 : at.Hour == 3 ? 1 : 10, "Europe/Berlin");

        // Sunday 23:00 UTC is Monday 00:00 in Berlin.
        Assert.Equal((0, 100.0), (profile.Peak, profile.HourOfWeek[0]));
        Assert.Equal(4, profile.Trough);
    }

    [Fact]
    public void A_gap_counts_nowhere_and_little_history_makes_no_season()
    {
        var profile = Of(1, at => at.Hour < 12 ? double.NaN : 5);
        var none = Of(0, _ => 0);

        Assert.True(double.IsNaN(profile.HourOfWeek[3]) && double.IsNaN(profile.Daily) && double.IsNaN(profile.Weekly));
        Assert.Equal((0.5, 5.0), (profile.Days, profile.HourOfWeek[12]));
        Assert.Equal((-1, -1), (none.Peak, none.Trough));
        Assert.True(double.IsNaN(Of(7, at => at.Hour).Weekly));
    }

    private static SeasonProfile Of(int days, Func<DateTimeOffset, double> rate, string zone = "UTC")
    {
        var starts = Enumerable.Range(0, 24 * days).Select(h => Monday.AddHours(h)).ToList();
        return Seasonality.Of(starts, starts.ConvertAll(s => rate(s)), TimeZoneInfo.FindSystemTimeZoneById(zone));
    }
}
