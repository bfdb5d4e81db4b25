using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Components;

/// <summary>Replaying history under a change: the form becomes the request, and the page follows the operation.</summary>
public sealed class WhatIfTests : ConsoleContext
{
    [Fact]
    public void Before_the_first_replay_the_page_says_what_it_is_for()
    {
        var page = RenderAs<WhatIfPage>("operator");
        Assert.Contains("Nothing replayed yet", TextOf(page), StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".outcomes"));
        Assert.Equal(["All of them", "Without n1", "Without n2", "Without n3", "Without n4", "Without n5", "Without n6"], page.FindAll("#wi-nodes option").Take(7).Select(o => o.TextContent));
    }

    [Fact]
    public void What_was_set_is_asked_for_and_what_was_not_stays_out()
    {
        var page = RenderAs<WhatIfPage>("operator");
        page.Find("#wi-nodes").Change("-n6");
        page.Find("#wi-comfort").Input("75");
        page.Find("#wi-traffic").Input("1.5");
        page.Find("input[type=text]").Change("414, 611");
        page.Find("input[type=checkbox]").Change(true);
        Assert.Contains("75 % was 70 %", TextOf(page), StringComparison.Ordinal);

        page.Find("form").Submit();

        Assert.Equal(["start by ops-1"], WhatIf.Asked);
        var change = WhatIf.Last!;
        Assert.Equal((7, 0.75, 1.5, true), (change.Days, change.ComfortZone, change.Traffic, change.Foresight));
        Assert.Equal(["n6"], change.Without);
        Assert.Equal([414, 611], change.Pinned);
        Assert.Null(change.ThresholdMillicores);
        Assert.Null(change.MovesAtOnce);
        Assert.Null(change.ClusterBytesPerSecond);
        Assert.EndsWith("?run=r1", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_that_is_no_segment_is_named_and_nothing_is_asked()
    {
        var page = RenderAs<WhatIfPage>("operator");
        page.Find("input[type=text]").Change("414, x");
        page.Find("form").Submit();
        Assert.Contains("\"x\" is no segment", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(WhatIf.Asked);
    }

    [Fact]
    public void A_refusal_is_shown()
    {
        WhatIf.Answer = new Outcome("conflict", "8 replays wait already.");
        var page = RenderAs<WhatIfPage>("operator");
        page.Find("form").Submit();
        Assert.Equal("8 replays wait already.", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public void A_run_shows_its_progress_and_can_be_cancelled_then_its_columns_come_by_themselves()
    {
        WhatIf.Runs.Add(WhatIf.Of(WhatIfState.Running, 0.4));
        var page = RenderAt("r1", "operator");
        Assert.Contains("40 % done, about 12 s left", TextOf(page), StringComparison.Ordinal);
        Assert.True(page.Find("button[type=submit]").HasAttribute("disabled"));
        page.FindAll("button").Single(b => b.TextContent == "Cancel").Click();
        Assert.Equal(["cancel r1"], WhatIf.Asked);

        WhatIf.Put(WhatIf.Of(WhatIfState.Done, 1, WhatIf.Column("noMove", 4905, 0), WhatIf.Column("reactive", 675, 75), WhatIf.Column("plan", 225, 66)));

        page.WaitForAssertion(() => Assert.Equal(["No move", "Reactive", "Plan by forecast"], page.FindAll(".outcomes h2").Select(h => h.TextContent)));
        Assert.Contains("Planning by forecast would have left 3 h 45 min outside the comfort zone in 7 days, reacting 11 h 15 min, doing nothing 3 d 09 h.", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("75 (7)", TextOf(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WhatIfState.Failed, "There is less than an hour of history yet.")]
    [InlineData(WhatIfState.Cancelled, "Nothing was kept of it.")]
    internal void A_run_that_ended_without_a_result_says_why(WhatIfState state, string words)
    {
        WhatIf.Runs.Add(WhatIf.Of(state));
        Assert.Contains(words, TextOf(RenderAt("r1", "viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_not_kept_any_more_is_named() => Assert.Contains("Run r9 is not kept any more", TextOf(RenderAt("r9", "viewer")), StringComparison.Ordinal);

    [Fact]
    public void A_viewer_looks_and_cannot_start()
    {
        WhatIf.Runs.Add(WhatIf.Of(WhatIfState.Running, 0.4));
        var page = RenderAt("r1", "viewer");
        Assert.True(page.Find("button[type=submit]").HasAttribute("disabled"));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent == "Cancel");
        page.FindAll("button").Single(b => b.TextContent == "Compare runs 1").Click();
        Assert.Equal("Without n6", page.Find(".kept a").TextContent);
    }

    private IRenderedComponent<WhatIfPage> RenderAt(string run, string role)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/what-if?run={run}");
        return RenderAs<WhatIfPage>(role);
    }
}
