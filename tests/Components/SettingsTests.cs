using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Layout;
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
    public async Task A_constraint_is_added_in_a_dialog_that_names_what_is_wrong_and_saved_like_any_setting()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/settings?tab=constraints");
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<SettingsPage>("administrator");
        Assert.Contains("No constraint", TextOf(page), StringComparison.Ordinal);
        var adding = page.FindAll("button").Single(b => b.TextContent == "Add constraint").ClickAsync(new());
        dialogs.WaitForElement("input[maxlength='64']").Input("billing");
        dialogs.Find("input[placeholder='414, 611']").Input("414, x");
        Assert.Contains("“x” is no segment", TextOf(dialogs), StringComparison.Ordinal);
        Assert.True(dialogs.Find(".btn.filled").HasAttribute("disabled"));
        dialogs.Find("input[placeholder='414, 611']").Input("414, 611");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await adding;

        Assert.Contains("segments 414, 611 stay where they are", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("constraint \"billing\": added", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("Save 1 change", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_is_pinned_and_unpinned_in_its_drawer()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/heatmap?segment=427");
        var drawer = RenderAs<SegmentDrawer>("operator");
        await drawer.FindAll("button").Single(b => b.TextContent == "Pin").ClickAsync(new());

        var pin = Assert.Single(Settings.Values.Constraints);
        Assert.Equal(("segment 427", 427), (pin.Name, Assert.Single(pin.Segments)));
        Assert.Contains("segment 427", drawer.Find("dl a[href='/settings?tab=constraints']").TextContent, StringComparison.Ordinal);
        await drawer.FindAll("button").Single(b => b.TextContent == "Unpin").ClickAsync(new());
        Assert.Empty(Settings.Values.Constraints);
    }

    [Fact]
    public async Task A_version_can_be_undone()
    {
        var page = RenderAs<SettingsPage>("administrator");
        await page.Find("button[aria-label='Undo version 3']").ClickAsync(new());
        Assert.Equal(["undo 3 \"3\" by ops-1"], Settings.Asked);
    }
}
