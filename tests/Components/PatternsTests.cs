using Bunit;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Components;

/// <summary>What is used together, hot keys and seasons; and what is said where nothing was sampled.</summary>
public sealed class PatternsTests : ConsoleContext
{
    [Fact]
    public void It_answers_what_stays_together_and_shows_clumps_chains_keys_and_seasons()
    {
        var page = RenderAs<PatternsPage>("viewer");
        var text = TextOf(page);
        Assert.Contains("of what is used together stays in one shard", text, StringComparison.Ordinal);
        Assert.Contains("cart:{eu-1}", text, StringComparison.Ordinal);
        Assert.Contains("moving it does not help", text, StringComparison.Ordinal);
        Assert.Contains("A strong daily season", text, StringComparison.Ordinal);
        Assert.Equal((7, 168), (page.FindAll(".season tbody tr").Count, page.FindAll(".season tbody td").Count));
        Assert.Equal((3, 5), (page.FindAll(".pg-edge").Count, page.FindAll(".pg-dot").Count));
        Assert.Contains("/patterns?segment=611", page.FindAll("table.grid a").Select(a => a.GetAttribute("href")));
        Assert.Contains("links", page.Find("svg.pattern-graph").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_was_sampled_it_says_how_that_comes()
    {
        Patterns.Empty = true;
        var viewer = RenderAs<PatternsPage>("viewer");
        Assert.Contains("No access was sampled yet", TextOf(viewer), StringComparison.Ordinal);
        Assert.Empty(viewer.FindAll(".face-empty .btn"));
        Assert.Equal(Urls.Import, RenderAs<PatternsPage>("operator").Find(".face-empty .btn").GetAttribute("href"));
    }

    [Fact]
    public void It_is_in_the_menu() => Assert.Contains(SiteMap.Pages, p => p is { Url: Urls.Patterns, Group: "Forecast" });
}
