using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Components;

/// <summary>A setting is checked while it is typed, says what it does, and is saved as the version that was looked at.</summary>
public sealed class SettingsTests : ConsoleContext
{
    [Fact]
    public void A_viewer_reads_settings_and_changes_none()
    {
        var page = RenderAs<SettingsPage>("viewer");
        Assert.Contains("every plan waits for a person", TextOf(page), StringComparison.Ordinal);
        Assert.Equal("70", page.Find("#set-comfortZone").GetAttribute("value"));
        Assert.All(page.FindAll(".setting-field input"), i => Assert.True(i.HasAttribute("disabled")));
        Assert.Empty(page.FindAll(".head-actions .btn.filled"));
    }

    [Fact]
    public async Task A_change_shows_its_effect_and_is_saved_with_the_version_and_the_reason()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<SettingsPage>("administrator");
        page.Find("#set-comfortZone").Change("65");
        Assert.Contains("comfortZone: 0.7 → 0.65", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("2 more shards pass the threshold", TextOf(page), StringComparison.Ordinal);
        var opening = page.Find(".head-actions .btn.filled").ClickAsync(new());
        dialogs.WaitForElement("textarea").Input("quiet week");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["save \"3\" by ops-1: quiet week"], Settings.Asked);
        Assert.Equal(0.65, Settings.Values.ComfortZone, 9);
    }

    [Fact]
    public void What_is_out_of_range_is_named_with_the_range_and_cannot_be_saved()
    {
        var page = RenderAs<SettingsPage>("administrator");
        page.Find("#set-comfortZone").Change("140");
        Assert.Contains("Use a number from 5 to 100 % of capacity.", TextOf(page), StringComparison.Ordinal);
        Assert.Equal("true", page.Find("#set-comfortZone").GetAttribute("aria-invalid"));
        Assert.True(page.Find(".head-actions .btn.filled").HasAttribute("disabled"));
    }

    [Fact]
    public void A_policy_is_a_sentence_with_its_dry_run()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/settings?tab=policies");
        var page = RenderAs<SettingsPage>("administrator");
        Assert.Contains("5 would have been approved", TextOf(page), StringComparison.Ordinal);
        page.Find(".sentence input").Change("8");
        Assert.Contains("9 would have been approved", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("Save 1 change", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_can_be_undone()
    {
        var page = RenderAs<SettingsPage>("administrator");
        await page.Find("button[aria-label='Undo version 3']").ClickAsync(new());
        Assert.Equal(["undo 3 \"3\" by ops-1"], Settings.Asked);
    }
}
