using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Pages;
using TestContext = Xunit.TestContext;

namespace ShardConsole.Components;

/// <summary>Webhooks on the settings page.</summary>
public sealed class WebhooksTests : ConsoleContext
{
    private IWebhookDesk Desk => Services.GetRequiredService<IWebhookDesk>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public WebhooksTests() => Services.GetRequiredService<NavigationManager>().NavigateTo("/settings?tab=notifications");

    [Fact]
    public void Who_is_no_administrator_reads_what_they_are_for()
    {
        var page = RenderAs<SettingsPage>("operator");
        Assert.Contains("Administrators see and change them", TextOf(page), StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent == "Add webhook");
    }

    [Fact]
    public async Task A_new_one_shows_its_secret_once_is_tested_and_removed()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<SettingsPage>("administrator");
        Assert.Contains("No webhook yet", TextOf(page), StringComparison.Ordinal);
        var opening = page.FindAll("button").Single(b => b.TextContent == "Add webhook").ClickAsync(new());
        dialogs.WaitForElement(".dialog input");
        Assert.True(dialogs.Find(".btn.filled").HasAttribute("disabled"));
        dialogs.FindAll(".dialog .field input")[0].Input("ops");
        dialogs.FindAll(".dialog .field input")[1].Input("https://hooks.example/services/token-path");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        var secret = dialogs.WaitForElement(".secret").TextContent;
        Assert.StartsWith("whs_", secret, StringComparison.Ordinal);
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        page.WaitForAssertion(() => Assert.Contains("https://hooks.example/…", TextOf(page), StringComparison.Ordinal));
        Assert.DoesNotContain(secret, page.Markup + dialogs.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("token-path", page.Markup, StringComparison.Ordinal);

        Receiver.Answers.Enqueue(500);
        await page.Find("button[aria-label='Test ops']").ClickAsync(new());
        Assert.Contains("Failed, 500", TextOf(page), StringComparison.Ordinal);
        await page.Find("button[aria-label='Test ops']").ClickAsync(new());
        Assert.Contains("Delivered", TextOf(page), StringComparison.Ordinal);

        opening = page.Find("button[aria-label='Remove ops']").ClickAsync(new());
        await dialogs.WaitForElement(".mud-dialog .btn.danger").ClickAsync(new());
        await opening;
        Assert.Empty(await Desk.ListAsync(Stop));
    }

    [Fact]
    public async Task What_is_refused_is_said_in_the_dialog_and_a_switch_turns_one_off()
    {
        await Desk.AddAsync(new WebhookInput("ops", "https://hooks.example/x", null, ["node-lost"]), "ann", Stop);
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<SettingsPage>("administrator");
        var opening = page.Find("button[aria-label='Edit ops']").ClickAsync(new());
        dialogs.WaitForElement(".dialog input");
        dialogs.FindAll(".dialog .field input")[1].Input("nowhere");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        Assert.Contains("It is no address", TextOf(dialogs), StringComparison.Ordinal);
        await dialogs.FindAll(".mud-dialog .btn").Single(b => b.TextContent == "Cancel").ClickAsync(new());
        await opening;

        await page.Find("input[role=switch]").ChangeAsync(new ChangeEventArgs { Value = false });
        Assert.False((await Desk.ListAsync(Stop))[0].Enabled);
    }
}
