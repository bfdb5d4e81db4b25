using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.Components.Fakes;
using ShardConsole.ControlPlane.Dashboard.Pages;
using ShardConsole.ControlPlane.Security;
using TestContext = Xunit.TestContext;

namespace ShardConsole.Components;

/// <summary>The pages that say who did what, who may do what, and how to do it by a call.</summary>
public sealed class TrustTests : ConsoleContext
{
    private AuditTrail Trail => Services.GetRequiredService<AuditTrail>();

    private ApiKeyStore Keys => Services.GetRequiredService<ApiKeyStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_audit_lists_the_newest_first_links_plans_and_filters_by_the_address()
    {
        await Trail.AddAsync("ops-1", "plan-approved", "7c1e94d05b2a", "before the sale", Stop);
        await Trail.AddAsync("ops-2", "halt", "cluster", "incident in zone b", Stop);
        var page = RenderAs<AuditPage>("viewer");
        Assert.Contains("2 changes today, the newest by ops-2", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(["ops-2", "ops-1"], page.FindAll("table.grid tbody tr td:nth-child(2)").Select(c => c.TextContent));
        Assert.Equal("/plans/7c1e", page.Find("table.grid tbody a").GetAttribute("href"));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/audit?find=sale");
        page = RenderAs<AuditPage>("viewer");
        Assert.Equal(["ops-1"], page.FindAll("table.grid tbody tr td:nth-child(2)").Select(c => c.TextContent));
    }

    [Fact]
    public void An_empty_audit_says_what_will_be_written_there() =>
        Assert.Contains("Each approval, halt, limit", TextOf(RenderAs<AuditPage>("viewer")), StringComparison.Ordinal);

    [Fact]
    public async Task The_chain_can_be_checked_from_the_page()
    {
        await Trail.AddAsync("ops-1", "halt", "cluster", "", Stop);
        var page = RenderAs<AuditPage>("viewer");
        await page.FindAll(".head-actions .btn").Single(b => b.TextContent == "Check the chain").ClickAsync(new());
        Assert.Contains("The chain is intact: 1 entry", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_is_shown_once_and_revoking_it_needs_a_reason()
    {
        var dialogs = Render<MudDialogProvider>();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/access?tab=keys");
        var page = RenderAs<AccessPage>("administrator");
        Assert.Contains("No API key yet", TextOf(page), StringComparison.Ordinal);
        var opening = page.Find(".head-actions .btn.filled").ClickAsync(new());
        dialogs.WaitForElement(".dialog input").Input("deploy");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        var secret = dialogs.WaitForElement(".secret").TextContent;
        Assert.StartsWith(ApiKeyStore.Prefix, secret, StringComparison.Ordinal);
        Assert.Equal("deploy", (await Keys.FindAsync(secret, Stop))!.Name);
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        page.WaitForAssertion(() => Assert.Contains("deploy", TextOf(page), StringComparison.Ordinal));
        Assert.DoesNotContain(secret, page.Markup + dialogs.Markup, StringComparison.Ordinal);

        opening = page.Find("td .btn.danger").ClickAsync(new());
        dialogs.WaitForElement(".btn.danger");
        Assert.True(dialogs.Find(".btn.danger").HasAttribute("disabled"));
        dialogs.Find("textarea").Input("leaked");
        await dialogs.Find(".btn.danger").ClickAsync(new());
        await opening;
        Assert.Null(await Keys.FindAsync(secret, Stop));
        Assert.Equal(["key-revoked", "key-created"], (await Trail.ListAsync(0, 10, Stop)).Select(r => r.Action));
    }

    [Fact]
    public async Task A_user_needs_a_password_as_long_as_the_option_says()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<AccessPage>("administrator");
        var opening = page.Find(".head-actions .btn.filled").ClickAsync(new());
        dialogs.WaitForElement(".dialog input").Input("ann");
        dialogs.Find("input[type=password]").Input("too short");
        Assert.True(dialogs.Find(".btn.filled").HasAttribute("disabled"));
        dialogs.Find("input[type=password]").Input("long enough");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["ann viewer"], (await Services.GetRequiredService<UserStore>().ListAsync(Stop)).Select(u => $"{u.Name} {u.Role}"));
    }

    [Fact]
    public async Task A_key_may_be_bound_to_areas_that_its_role_may_use()
    {
        var dialogs = Render<MudDialogProvider>();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/access?tab=keys");
        var page = RenderAs<AccessPage>("administrator");
        var opening = page.Find(".head-actions .btn.filled").ClickAsync(new());
        dialogs.WaitForElement(".dialog input").Input("ci");
        Assert.DoesNotContain(dialogs.FindAll(".radios.inline label"), l => l.TextContent.Trim() == "users");
        await dialogs.FindAll(".radios.inline label").Single(l => l.TextContent.Trim() == "plans").QuerySelector("input")!.ChangeAsync(new ChangeEventArgs { Value = true });
        await dialogs.Find(".btn.filled").ClickAsync(new());
        dialogs.WaitForElement(".secret");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["plans"], Assert.Single(await Keys.ListAsync(Stop)).Scopes);
        page.WaitForAssertion(() => Assert.Equal("plans", page.Find("table.grid tbody td:nth-child(3)").TextContent));
    }

    [Fact]
    public async Task A_person_gets_another_role_a_reset_link_is_disabled_and_removed_and_the_last_administrator_is_not()
    {
        var users = Services.GetRequiredService<UserStore>();
        await users.AddAsync("root", "a long password 1", Roles.Administrator, Stop);
        await users.AddAsync("zoe", "a long password 2", Roles.Viewer, Stop);
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<AccessPage>("administrator");
        Assert.True(page.Find("button[aria-label='Remove root']").HasAttribute("disabled"));
        Assert.True(page.Find("button[aria-label='Disable root']").HasAttribute("disabled"));
        Assert.Contains("root is the last administrator", TextOf(page), StringComparison.Ordinal);

        var opening = page.Find("button[aria-label='Change the role of zoe']").ClickAsync(new());
        dialogs.WaitForElement("input[type=radio]");
        await dialogs.FindAll("input[type=radio]")[1].ChangeAsync(new ChangeEventArgs { Value = "on" });
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal("operator", (await users.ListAsync(Stop))[1].Role);

        opening = page.Find("button[aria-label='Reset link for zoe']").ClickAsync(new());
        await dialogs.WaitForElement(".mud-dialog .btn.filled").ClickAsync(new());
        var link = dialogs.WaitForElement(".secret").TextContent;
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.NotNull(await users.ResetAsync(link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..], "a newer password", Stop));

        opening = page.Find("button[aria-label='Disable zoe']").ClickAsync(new());
        await dialogs.WaitForElement(".mud-dialog .btn.danger").ClickAsync(new());
        await opening;
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("button[aria-label='Enable zoe']")));

        opening = page.Find("button[aria-label='Remove zoe']").ClickAsync(new());
        dialogs.WaitForElement(".mud-dialog .btn");
        Assert.Equal("Remove zoe", dialogs.Find(".mud-dialog .btn.danger").TextContent);
        await dialogs.FindAll(".mud-dialog .btn").Single(b => b.TextContent == "Remove zoe").ClickAsync(new());
        await opening;
        Assert.Equal(["root"], (await users.ListAsync(Stop)).Select(u => u.Name));
        Assert.Equal(["user-removed", "user-changed", "password-reset-made", "user-changed"], (await Trail.ListAsync(0, 10, Stop)).Select(r => r.Action));
    }

    [Fact]
    public void The_calls_are_those_that_are_served_with_the_least_role_of_each()
    {
        var page = RenderAs<CallsPage>("viewer");
        Assert.Equal(
            ["GET /api/v1/nodes All nodes Viewer", "POST /api/v1/plans/{id}/approve Approves a plan Operator"],
            page.FindAll("table.grid tbody tr").Select(r => string.Join(' ', r.Children.Take(4).Select(c => c.TextContent.Trim()))));
        page.Find("input[type=search]").Input("approve");
        Services.GetRequiredService<NavigationManager>().NavigateTo("/api-calls?find=approve");
        Assert.Single(RenderAs<CallsPage>("viewer").FindAll("table.grid tbody tr"));
    }

    [Fact]
    public void A_backtest_is_started_followed_and_shown()
    {
        var page = RenderAs<QualityPage>("operator");
        Assert.Contains("None has been made yet", TextOf(page), StringComparison.Ordinal);
        page.FindAll("button").Single(b => b.TextContent == "Run over three days").Click();
        Assert.Equal(["Cpu 3 60"], Backtests.Asked);
        Assert.Contains("Running, 40 % done", TextOf(page), StringComparison.Ordinal);

        Backtests.View = FakeBacktests.Done;
        var done = TextOf(RenderAs<QualityPage>("viewer"));
        Assert.Contains("2 of 3", done, StringComparison.Ordinal);
        Assert.DoesNotContain("Run over three days", done, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecast_quality_shows_skill_coverage_and_weights_by_horizon()
    {
        var page = RenderAs<QualityPage>("viewer");
        Assert.Contains("9 of 28 daily, 1 of 4 weekly seasons seen", TextOf(page), StringComparison.Ordinal);
        Assert.Equal("Skill by horizon: 42 % at 5 min, 17 % at 22.5 h.", page.Find("[aria-labelledby=byhorizon] [role=img]").GetAttribute("aria-label")!.Replace('\u00A0', ' ').Replace('\u2009', ' '));
        Assert.Contains("91 % at 5 min", page.Find("[aria-labelledby=coverage] [role=img]").GetAttribute("aria-label")!.Replace('\u00A0', ' ').Replace('\u2009', ' '), StringComparison.Ordinal);
        Assert.Equal(["Theta", "last value", "others"], page.FindAll("[aria-labelledby=weights] .legend").Select(l => l.TextContent));
    }

    [Fact]
    public void Forecast_quality_compares_kept_forecasts_with_what_came()
    {
        var page = RenderAs<QualityPage>("operator");
        Assert.Contains("than repeating yesterday", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(8, page.FindAll("[aria-labelledby=weak] tbody tr").Count);
        Cluster.Forecast = null;
        Assert.Contains("No forecast yet", TextOf(RenderAs<QualityPage>("viewer")), StringComparison.Ordinal);
    }
}
