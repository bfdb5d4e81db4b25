using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Dashboard.Layout;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Components;

/// <summary>What a person does reaches the desks with name, reason and ETag; what a role lacks is not there.</summary>
public sealed class ActionTests : ConsoleContext
{
    private string PlanId => Desks.Detail.Summary.Id;

    [Fact]
    public void A_plan_shows_its_moves_effects_and_refusals()
    {
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId[..4]));
        Assert.Contains("Takes 12 segments off s-07 before 08:55. n3 peaks at 69 % instead of 91 %, inside its comfort zone.", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(12, page.FindAll("table.grid > tbody > tr").Count);
        Assert.Equal(6, page.FindAll(".dumbbell").Count);
        Assert.Contains("8 candidates refused", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(["Reject", "Edit", "Refresh", "Schedule", "Approve"], page.FindAll(".head-actions button").Skip(1).Select(b => b.TextContent.Trim()));
    }

    [Fact]
    public void A_viewer_sees_the_plan_but_no_buttons_that_change_it()
    {
        var page = RenderAs<PlanPage>("viewer", p => p.Add(x => x.Id, PlanId[..4]));
        Assert.Equal(["Show call"], page.FindAll(".head-actions button").Select(b => b.TextContent.Trim()));
    }

    [Fact]
    public void A_stale_plan_says_why_and_cannot_be_approved()
    {
        Desks.Detail = Desks.Detail with { Summary = Desks.Detail.Summary with { State = PlanState.Stale, Drift = "segment 427 moved to s-05" } };
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId));
        Assert.Contains("segment 427 moved to s-05", page.Find(".strip.err").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Approve", page.Find(".head-actions").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_plan_is_named() =>
        Assert.Contains("Plan beef is not known", TextOf(RenderAs<PlanPage>("viewer", p => p.Add(x => x.Id, "beef"))), StringComparison.Ordinal);

    [Fact]
    public async Task Approving_quotes_the_plan_that_was_looked_at()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId[..4]));
        var opening = page.FindAll(".head-actions button").Single(b => b.TextContent == "Approve").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("What clients notice", dialogs.Markup, StringComparison.Ordinal));
        Assert.Contains("Approve 12\u00A0moves for 04:05", dialogs.Find(".btn.filled").TextContent, StringComparison.Ordinal);
        dialogs.Find("textarea").Input("before the sale");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal([$"approve {PlanId[..4]} \"412-7c1e\" 03:05 by ops-1: before the sale"], Desks.Asked);
    }

    [Fact]
    public async Task A_refused_approval_stays_open_and_says_why()
    {
        Desks.Answer = new Outcome("stale", "Segment 427 is no longer on s-07.");
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId[..4]));
        var opening = page.FindAll(".head-actions button").Single(b => b.TextContent == "Approve").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        Assert.Contains("Segment 427 is no longer on s-07.", dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("The plan changed while this was open", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll("button").Single(b => b.TextContent == "Cancel").ClickAsync(new());
        await opening;
    }

    [Fact]
    public async Task Cancelling_a_move_needs_a_reason()
    {
        Desks.StartMoves();
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<MigrationsPage>("operator");
        var opening = page.FindAll("td .icon-btn[title^=Cancel]").Last().ClickAsync(new());
        dialogs.WaitForElement(".btn.danger");
        Assert.True(dialogs.Find(".btn.danger").HasAttribute("disabled"));
        dialogs.Find("textarea").Input("wrong hour");
        await dialogs.Find(".btn.danger").ClickAsync(new());
        await opening;
        Assert.Equal(["cancel 90394 by ops-1: wrong hour"], Desks.Asked);
    }

    [Theory]
    [InlineData("Pause the move of segment", ".btn.filled", "pause 90394 by ops-1: peak")]
    [InlineData("Roll back the move of segment", ".btn.danger", "rollback 90389 by ops-1: peak")]
    [InlineData("Finish the move of segment", ".btn.danger", "finish 90389 by ops-1: peak")]
    public async Task Each_action_of_a_move_says_what_happens_shows_its_call_and_needs_a_reason(string title, string button, string asked)
    {
        Desks.StartMoves();
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<MigrationsPage>("operator");
        var opening = page.FindAll($"td .icon-btn[title^='{title}']").Last().ClickAsync(new());
        dialogs.WaitForElement(button);
        Assert.Contains("Show call", TextOf(dialogs), StringComparison.Ordinal);
        Assert.True(dialogs.Find(button).HasAttribute("disabled"));
        dialogs.Find("textarea").Input("peak");
        await dialogs.Find(button).ClickAsync(new());
        await opening;
        Assert.Equal([asked], Desks.Asked);
    }

    [Fact]
    public async Task Pause_all_asks_once_and_pauses_each_that_can_be_paused()
    {
        Desks.StartMoves();
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<MigrationsPage>("operator");
        var opening = page.FindAll(".head-actions button").Single(b => b.TextContent == "Pause all").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        Assert.Contains("Pause 4\u00A0moves", dialogs.Find(".btn.filled").TextContent, StringComparison.Ordinal);
        dialogs.Find("textarea").Input("peak");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal([90391, 90392, 90393, 90394], Desks.Asked.Select(a => int.Parse(a.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_move_s_row_tells_its_phases_with_the_time_each_took()
    {
        Desks.StartMoves();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/migrations?move=90392");
        var page = RenderAs<MigrationsPage>("viewer");
        Assert.Equal("100\u00A0ms", page.FindAll(".phase-log tbody tr")[0].QuerySelector(".num")!.TextContent);
        Assert.Contains("of 6 MB/s", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moves_are_picked_and_left_out_in_a_new_plan()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId[..4]));
        page.FindAll(".head-actions button").Single(b => b.TextContent == "Edit").Click();
        Assert.Equal(12, page.FindAll("td input[type=checkbox]").Count);
        page.FindAll("td input[type=checkbox]")[1].Change(true);
        page.FindAll("td input[type=checkbox]")[3].Change(true);
        var opening = page.FindAll(".strip.edit button").Single(b => b.TextContent == "Leave them out").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        dialogs.Find("textarea").Input("too large");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal([$"edit {PlanId[..4]} \"412-7c1e\" drop 2 4 keep  by ops-1: too large"], Desks.Asked);
        Assert.EndsWith("/plans/8f02", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_refreshed_and_scheduled_for_the_next_window()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<PlanPage>("operator", p => p.Add(x => x.Id, PlanId[..4]));
        async Task Ask(string button, string inside)
        {
            var opening = page.FindAll($"{inside} button").Single(b => b.TextContent == button).ClickAsync(new());
            dialogs.WaitForElement(".btn.filled");
            dialogs.Find("textarea").Input("night");
            await dialogs.Find(".btn.filled").ClickAsync(new());
            await opening;
        }

        page.FindAll(".head-actions button").Single(b => b.TextContent == "Schedule").Click();
        await Ask("In the next window", "form.schedule");
        await Ask("Refresh", ".head-actions");
        Assert.Equal([$"schedule {PlanId[..4]} \"412-7c1e\" Window by ops-1: night", $"refresh {PlanId[..4]} by ops-1"], Desks.Asked);
    }

    [Fact]
    public async Task The_bar_names_the_window_in_force_and_a_freeze_before_it()
    {
        Assert.Contains("Window –", Bar(), StringComparison.Ordinal);
        await SetWindowsAsync(new WindowRule("night", WindowKind.Maintenance, true, [], new TimeOnly(4, 0), new TimeOnly(6, 0), "Europe/Berlin"));
        Assert.Contains("Next window 04:00–06:00", Bar(), StringComparison.Ordinal);
        await SetWindowsAsync(new WindowRule("night", WindowKind.Maintenance, true, [], new TimeOnly(3, 0), new TimeOnly(6, 0), "Europe/Berlin"));
        Assert.Contains("Window until 06:00", Bar(), StringComparison.Ordinal);
        await SetWindowsAsync(
            new WindowRule("night", WindowKind.Maintenance, true, [], new TimeOnly(3, 0), new TimeOnly(6, 0), "Europe/Berlin"),
            new WindowRule("sale", WindowKind.Freeze, true, [], new TimeOnly(2, 0), new TimeOnly(5, 0), "Europe/Berlin"));
        Assert.Contains("Frozen until 05:00", Bar(), StringComparison.Ordinal);

        string Bar() => TextOf(RenderAs<GlobalBar>("viewer"));
        Task SetWindowsAsync(params WindowRule[] windows) => Settings.SaveAsync(Settings.Values with { Windows = windows }, null, "root", "", default);
    }

    [Fact]
    public async Task Halt_all_asks_once_and_resume_is_one_click()
    {
        Render<MudPopoverProvider>();
        var halt = RenderAs<HaltControl>("operator");
        Assert.Contains("Halt all", halt.Markup, StringComparison.Ordinal);
        Cluster.Halted = true;
        halt.Render();
        Assert.Contains("Halted by ops-1 · Resume", TextOf(halt), StringComparison.Ordinal);
        await halt.Find("button").ClickAsync(new());
        Assert.Equal(["halt False by ops-1"], Desks.Asked);
        Assert.False(Cluster.Halted);
    }

    [Fact]
    public void A_viewer_cannot_halt() => Assert.Equal("", TextOf(RenderAs<HaltControl>("viewer")).Trim());

    [Fact]
    public void The_menu_lists_only_pages_that_exist_and_those_of_administrators_only_for_them()
    {
        string[] Links(string role) => [.. RenderAs<SideMenu>(role).FindAll("a").Select(a => a.GetAttribute("href")!)];
        Assert.Equal(SiteMap.For(administrator: false).Select(p => p.Url), Links("viewer"));
        Assert.Equal(SiteMap.Pages.Select(p => p.Url), Links("administrator"));
        Assert.DoesNotContain(Urls.Access, Links("operator"));
        var routes = typeof(OverviewPage).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template);
        Assert.All(SiteMap.Pages.Where(p => !p.Outside), p => Assert.Contains(p.Url, routes));
    }

    [Fact]
    public void A_change_in_the_cluster_reaches_the_page_without_a_reload()
    {
        var page = RenderAs<MigrationsPage>("viewer");
        Assert.Contains("No migration is running", TextOf(page), StringComparison.Ordinal);
        Desks.StartMoves();
        Cluster.RaiseChanged();
        page.WaitForAssertion(() => Assert.Equal(6, page.FindAll("table.grid > tbody > tr").Count), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Limits_are_changed_in_their_dialog_and_a_refusal_stays_open()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<MigrationsPage>("operator");
        var opening = page.FindAll(".card-head button").Single(b => b.TextContent == "Change").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        var fields = dialogs.FindAll(".field input");
        Assert.Equal(["4", "12", "24"], fields.Select(f => f.GetAttribute("value")));

        fields[0].Input("6");
        dialogs.FindAll(".field input")[2].Input("36.5");
        Desks.Answer = new Outcome("invalid", "maxConcurrentMoves: 6 is too many.");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        Assert.Contains("6 is too many", dialogs.Markup, StringComparison.Ordinal);

        Desks.Answer = new Outcome(null, "");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["limits 6 12000000 36500000 by ops-1", "limits 6 12000000 36500000 by ops-1"], Desks.Asked);
    }

    [Fact]
    public void Sign_in_posts_name_password_and_a_safe_return()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sign-in?return=//evil.example&error=locked");
        var page = Render<SignInPage>();
        Assert.Equal("/session", page.Find("form").GetAttribute("action"));
        Assert.Equal(["return", "name", "password"], page.FindAll("form input").Select(i => i.GetAttribute("name")));
        Assert.Equal("/", page.Find("input[name=return]").GetAttribute("value"));
        Assert.Contains("Too many tries", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }
}
