using Microsoft.AspNetCore.WebUtilities;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;

namespace ShardConsole.Unit.Dashboard;

public sealed class HeatmapViewTests
{
    [Fact]
    public void A_view_survives_its_url()
    {
        var view = new HeatmapView(
            TimeSpan.FromDays(7), 6, LoadMetric.BytesOut, HeatmapMode.AfterPlan, TimeSpan.FromHours(24), HeatmapRows.Shards, HeatmapOrder.HottestAhead, "n 3&", 7,
            DateTimeOffset.FromUnixTimeMilliseconds(1_763_500_000_000), DateTimeOffset.FromUnixTimeMilliseconds(1_763_510_000_000), 402, 429, -3, "7c1e", "427@1763500000000");
        Assert.Equal(view, Parse(view.ToQuery()).View);
        Assert.Equal("", HeatmapView.Default.ToQuery());
        Assert.Equal(HeatmapView.Default, Parse("").View);
    }

    [Theory]
    [InlineData("?metric=heat", "metric", "metric=heat is not one of cpu, reads")]
    [InlineData("?t0=5", "t1", "t0 and t1 belong together")]
    [InlineData("?t0=9&t1=5", "t1", "t0 and t1 belong together")]
    [InlineData("?t0=yesterday&t1=5", "t0", "t0=yesterday is not a time")]
    [InlineData("?s0=9&s1=5", "s1", "s1=5 is before s0=9")]
    [InlineData("?b=7", "b", "b=7 is not a whole number from -6 to 6")]
    public void A_wrong_word_is_named(string query, string parameter, string text)
    {
        var (view, named, error) = Parse(query);
        Assert.Null(view);
        Assert.Equal(parameter, named);
        Assert.StartsWith(text, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(24)]
    [InlineData(48)]
    [InlineData(168)]
    [InlineData(672)]
    public void Tiers_meet_without_gap_and_keep_to_the_limit(int hours)
    {
        var now = new DateTimeOffset(2026, 11, 19, 2, 13, 47, TimeSpan.Zero);
        var tiers = HeatmapTiers.Of(HeatmapView.Default with { Range = TimeSpan.FromHours(hours) }, now);
        for (var i = 1; i < tiers.Count; i++)
        {
            Assert.Equal(tiers[i - 1].To, tiers[i].From);
            Assert.True(tiers[i].Step < tiers[i - 1].Step);
        }

        Assert.All(tiers, t => Assert.Equal((0L, 0L), (t.From.UtcTicks % t.Step.Ticks, (t.To - t.From).Ticks % t.Step.Ticks)));
        Assert.True(tiers[0].From <= now.AddHours(-hours));
        Assert.InRange(now - tiers[^1].To, TimeSpan.Zero, tiers[^1].Step);
        Assert.InRange(tiers.Sum(t => t.Columns), 200, HeatmapTiers.MaxColumns);
    }

    [Fact]
    public void A_zoomed_view_has_one_tier_of_the_finest_step_that_fits()
    {
        var now = new DateTimeOffset(2026, 11, 19, 2, 10, 0, TimeSpan.Zero);
        HeatmapView Zoom(double hours) => HeatmapView.Default with { From = now.AddHours(-hours), To = now.AddHours(-hours / 2) };
        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(HeatmapTiers.Of(Zoom(1), now)).Step);
        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(HeatmapTiers.Of(Zoom(24), now)).Step);
        Assert.Empty(HeatmapTiers.Of(HeatmapView.Default with { From = now.AddHours(1), To = now.AddHours(2) }, now));
    }

    private static (HeatmapView? View, string? Parameter, string? Error) Parse(string query)
    {
        var values = QueryHelpers.ParseQuery(query);
        return HeatmapView.Parse(name => values.TryGetValue(name, out var value) ? value.ToString() : null);
    }
}
