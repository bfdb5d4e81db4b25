using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Components;

/// <summary>The calendar of events: what stands where, and what is asked of the desk.</summary>
public sealed class EventsTests : ConsoleContext
{
    private EventView Sale => new(7, "Flash sale", "weekly friday 18:00", 90, "Europe/Berlin", "segments 3,7-9", 2.4, 2.3, [Cluster.Now.AddHours(6)], 4, "ops-1", Cluster.Now);

    [Fact]
    public void An_empty_calendar_says_so_and_offers_a_viewer_nothing_to_press()
    {
        var page = RenderAs<EventsPage>("viewer");

        Assert.Contains("Nothing is announced", TextOf(page), StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Announce", StringComparison.Ordinal));
        Assert.Equal(42, page.FindAll(".cal-day").Count);
    }

    [Fact]
    public void Events_stand_on_their_days_with_their_factor_and_the_next_is_open()
    {
        Events.Events.Add(Sale);
        Events.Proposals.Add(new EventProposalView(3, "daily 00:20", 140, "all", 1.5, 6, 7, "open", Cluster.Now));
        var page = RenderAs<EventsPage>("operator");

        var text = System.Text.RegularExpressions.Regex.Replace(TextOf(page), "\\s+", " ");
        Assert.Contains("Next: Flash sale, 09:10, announced × 2.4 on 4 segments. One learned event waits for your yes or no.", text, StringComparison.Ordinal);
        Assert.Equal(6, page.FindAll("button.cal-mark.recurring").Count);
        Assert.All(page.FindAll("button.cal-mark.recurring"), m => Assert.Equal("Flash sale × 2.4", m.TextContent));
        Assert.Equal(42, page.FindAll(".cal-mark.learned").Count);
        Assert.Equal("Flash sale", page.Find(".stack h2").TextContent);
        Assert.Single(page.FindAll(".cal-day.today"));
    }

    [Fact]
    public async Task A_learned_event_is_answered()
    {
        Events.Proposals.Add(new EventProposalView(3, "daily 00:20", 140, "all", 1.5, 6, 7, "open", Cluster.Now));
        var page = RenderAs<EventsPage>("operator");

        await page.FindAll(".learned button").Single(b => b.TextContent == "No").ClickAsync(new());
        await page.FindAll(".learned button").Single(b => b.TextContent == "Yes, expect it").ClickAsync(new());

        Assert.Equal(["dismiss 3 by ops-1", "accept 3 by ops-1"], Events.Asked);
    }

    [Fact]
    public async Task An_event_is_announced_in_its_dialog_and_a_refusal_stays_open()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<EventsPage>("operator");
        var opening = page.FindAll("button").Single(b => b.TextContent == "Announce event").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        dialogs.Find(".field input").Input("Mailing");
        dialogs.FindAll("input[type=radio]")[2].Change(true);
        Assert.Contains("Next: Fri", dialogs.Markup, StringComparison.Ordinal);
        dialogs.Find("input[inputmode=decimal]").Input("1.3");
        Events.Answer = new Outcome("conflict", "There are 1000 events.");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        Assert.Contains("There are 1000 events.", dialogs.Markup, StringComparison.Ordinal);
        Events.Answer = new Outcome(null, "");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;

        Assert.Equal("add Mailing weekly friday 18:00 60 Europe/Berlin all 1.3 by ops-1", Events.Asked[^1]);
    }

    [Theory]
    [InlineData("/events?view=list", ".grid tbody tr", 1)]
    [InlineData("/events?view=week", ".cal-day", 7)]
    public void The_view_is_in_the_address(string url, string what, int count)
    {
        Events.Events.Add(Sale);
        Services.GetRequiredService<NavigationManager>().NavigateTo(url);

        Assert.Equal(count, RenderAs<EventsPage>("viewer").FindAll(what).Count);
    }
}
