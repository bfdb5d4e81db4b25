using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Forecasting;

public sealed class EventTests
{
    private const int Day = Histories.Day;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("once 2026-03-04 18:00", "2026-03-04T18:00")]
    [InlineData("daily 09:30", "2026-03-02T09:30 2026-03-03T09:30 2026-03-04T09:30 2026-03-05T09:30 2026-03-06T09:30 2026-03-07T09:30 2026-03-08T09:30")]
    [InlineData("weekly fri 18:00", "2026-03-06T18:00")]
    [InlineData("weekly Friday 18:00", "2026-03-06T18:00")]
    [InlineData("monthly 5 00:00", "2026-03-05T00:00")]
    [InlineData("monthly 1 00:00", "")]
    public void A_rule_names_its_moments_in_a_week(string text, string expected)
    {
        Assert.True(EventRule.TryParse(text, out var rule));
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            rule.Beginnings(Start, Start.AddDays(7), TimeZoneInfo.Utc).Select(at => at.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(EventRule.TryParse(rule.ToString(), out var again));
        Assert.Equal(rule, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hourly 09:00")]
    [InlineData("daily 25:00")]
    [InlineData("weekly fr 18:00")]
    [InlineData("monthly 0 18:00")]
    [InlineData("monthly 32 18:00")]
    [InlineData("once 2026-02-30 18:00")]
    public void What_is_no_rule_is_refused(string text) => Assert.False(EventRule.TryParse(text, out _));

    [Fact]
    public void The_last_of_every_month_is_its_last()
    {
        Assert.True(EventRule.TryParse("monthly last 12:00", out var rule));
        var from = new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal([31, 29, 31, 30], rule.Beginnings(from, from.AddMonths(4), TimeZoneInfo.Utc).Select(at => at.Day));
    }

    [Fact]
    public void Local_time_follows_the_changes_of_clocks()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        Assert.True(EventRule.TryParse("daily 02:30", out var rule));

        // Spring 2026: 02:30 of March 29 does not exist; it is taken as it would have been without the change.
        var spring = new DateTimeOffset(2026, 3, 28, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal([(28, 1.5), (29, 1.5), (30, 0.5)], rule.Beginnings(spring, spring.AddDays(3), berlin).Select(at => (at.Day, at.TimeOfDay.TotalHours)));

        // Autumn 2026: 02:30 of October 25 comes twice; the first counts.
        var autumn = new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal([(25, 0.5), (26, 1.5)], rule.Beginnings(autumn, autumn.AddDays(2), berlin).Select(at => (at.Day, at.TimeOfDay.TotalHours)));
    }

    [Fact]
    public void A_factor_is_what_was_announced_until_occurrences_say_otherwise()
    {
        Assert.Null(FactorLearning.InForce(null, []));
        Assert.Equal(3, FactorLearning.InForce(3, [])!.Value, 9);
        Assert.Equal(2, FactorLearning.InForce(null, [2, 2])!.Value, 9);
        Assert.InRange(FactorLearning.InForce(3, [2])!.Value, 2.1, 2.5);
        Assert.InRange(FactorLearning.InForce(3, [2, 2, 2, 2])!.Value, 2, 2.1);
        Assert.Equal(2, FactorLearning.InForce(null, [0, 2, double.NaN])!.Value, 9);
    }

    [Fact]
    public void What_events_did_is_taken_out_and_their_factor_learnt()
    {
        var values = Histories.Of(12 * Day, t => Histories.Daily(t) * Burst(t), noise: 0.1);

        var adjustment = EventAdjustment.Of(values, Start, Step, Day, [Daily(9, null)]);

        Assert.InRange(adjustment.Factors.Single().Factor, 3.6, 4.4);
        Assert.Equal(adjustment.Factors[0].Factor, adjustment.FactorOf(Start.AddDays(12).AddHours(9.5), Step), 9);
        Assert.Equal(1, adjustment.FactorOf(Start.AddDays(12).AddHours(11), Step));
        var quiet = Enumerable.Range(8 * Day, 4 * Day).Where(t => Burst(t) > 1).Average(t => adjustment.Quiet[t] / Histories.Daily(t));
        Assert.InRange(quiet, 0.85, 1.15);
    }

    [Fact]
    public void The_first_occurrence_of_an_event_to_be_learnt_is_a_gap()
    {
        var values = Histories.Of(Day, t => 100 * Burst(t));

        var adjustment = EventAdjustment.Of(values, Start, Step, Day, [Daily(9, null)]);

        Assert.Empty(adjustment.Factors);
        Assert.Equal(12, adjustment.Quiet.Count(float.IsNaN));
    }

    [Fact]
    public void A_recurring_spike_is_proposed_after_its_third_occurrence()
    {
        // Every day at nine from the twelfth on.
        float[] Until(int day) => Histories.Of(day * Day, t => Histories.Daily(t) * (t >= 12 * Day ? Burst(t) : 1), noise: 0.1);

        Assert.Empty(Proposals(Until(14)));
        var proposal = Assert.Single(Proposals(Until(15)));
        Assert.Equal((EventRepeat.Daily, new TimeOnly(9, 0), 3, 3), (proposal.Rule.Repeat, proposal.Rule.Time, proposal.Seen, proposal.Due));
        Assert.InRange(proposal.Length.TotalMinutes, 50, 70);
        Assert.InRange(proposal.Factor, 3.4, 4.6);
    }

    [Fact]
    public void A_daily_rise_that_no_single_day_shows_is_proposed_after_its_third_occurrence()
    {
        // Noise of 50 %: a rise by 80 % for an hour is within what single half hours do.
        float[] Until(int day, double factor) => Histories.Of(day * Day, t => Histories.Daily(t) * (t >= 20 * Day && Burst(t) > 1 ? factor : 1), noise: 0.5, seed: 5);

        Assert.Empty(Proposals(Until(22, 1.8)));
        Assert.Empty(Proposals(Until(23, 1)));
        var proposal = Assert.Single(Proposals(Until(23, 1.8)));
        Assert.InRange((proposal.Rule.Time - new TimeOnly(8, 40)).TotalMinutes, 0, 40);
        Assert.Equal((EventRepeat.Daily, 3, 3), (proposal.Rule.Repeat, proposal.Seen, proposal.Due));
        Assert.InRange(proposal.Factor, 1.5, 2.2);
    }

    [Fact]
    public void A_weekly_spike_is_proposed_as_weekly()
    {
        var values = Histories.Of(25 * Day, t => Histories.Daily(t) * (t / Day % 7 == 2 ? Burst(t) : 1), noise: 0.1);

        var proposal = Assert.Single(Proposals(values));
        Assert.Equal("weekly wednesday 09:00", proposal.Rule.ToString());
    }

    [Fact]
    public void Noise_alone_proposes_nothing()
    {
        var proposed = Enumerable.Range(1, 20).Count(seed => Proposals(Histories.Of(20 * Day, t => Histories.Daily(t), noise: 0.6, seed)).Count > 0);

        Assert.InRange(proposed, 0, 1);
    }

    [Theory]
    [InlineData("all", -1)]
    [InlineData("segments 3,7-9", 4)]
    [InlineData("keys {sale}:*", 1)]
    [InlineData("keys config", 1)]
    public void A_scope_names_segments(string text, int count)
    {
        var (scope, problem) = EventScope.Parse(text, 1024);

        Assert.Equal("", problem);
        Assert.Equal(count, scope!.Segments?.Count ?? -1);
    }

    [Fact]
    public void A_key_pattern_with_a_fixed_hash_tag_is_its_slots_segment() =>
        Assert.Equal([new SegmentId((ushort)(Slot.Of("{sale}"u8) / 16))], EventScope.Parse("keys {sale}:*", 1024).Scope!.Segments!);

    [Theory]
    [InlineData("keys user:*", "lie in every segment")]
    [InlineData("segments 1024", "they are 0..1023")]
    [InlineData("segments 9-3", "they are 0..1023")]
    [InlineData("some", "it is 'all', 'segments 3,7-9'")]
    public void A_scope_that_names_none_says_what_to_do(string text, string expected)
    {
        var (scope, problem) = EventScope.Parse(text, 1024);

        Assert.Null(scope);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    private static double Burst(int t) => t % Day is >= 108 and < 120 ? 4 : 1;

    private static CalendarEvent Daily(int hour, double? factor) =>
        new("burst", new EventRule(EventRepeat.Daily, default, default, 1, new TimeOnly(hour, 0)), TimeSpan.FromHours(1), TimeZoneInfo.Utc, factor);

    private static List<EventProposal> Proposals(float[] values) =>
        ProposalFinder.Find(values, Day, Start, Step, TimeZoneInfo.Utc);
}
