using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Pages;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Components;

/// <summary>The integrity page: last and next comparison of each shard, what differed, comparing now.</summary>
public sealed class IntegrityTests : ConsoleContext
{
    private static readonly ShardId Seven = new(7);

    [Fact]
    public void Equal_copies_are_said_to_be_equal_with_the_age_of_the_oldest_comparison()
    {
        var page = RenderAs<IntegrityPage>("viewer");

        Assert.Contains("All 12 shards were compared, the longest ago 11 min ago, all copies equal.", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(12, page.FindAll("table.grid:not(.compact) > tbody > tr").Count);
        Assert.All(page.FindAll("table.grid:not(.compact) > tbody > tr"), r => Assert.Equal("equal", r.QuerySelector(".chip")!.TextContent));
        Assert.Contains("1024 equal", page.Find(".checked-map").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("in 49 min", TextOf(page), StringComparison.Ordinal);
        Assert.DoesNotContain("Compare", TextOf(page).Replace("Comparisons", "", StringComparison.Ordinal).Replace("Replicas compare", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void What_differed_is_told_first_marked_in_the_map_and_listed_in_the_row()
    {
        Members.View = Members.Equal() with { Differences = 2, Repaired = 1 };
        Show(s => s.Shard == Seven, s => s with
        {
            Last = Members.Comparison(7, CheckOutcome.Unrepaired, new DifferenceRow(new SegmentId(427), 3, 8, ["n2"], 4096, "repaired"), new DifferenceRow(new SegmentId(430), -1, 0, ["n2"], 0, "no majority holds one state")),
        });
        Services.GetRequiredService<NavigationManager>().NavigateTo("/integrity?state=differs&shard=s-07");
        var page = RenderAs<IntegrityPage>("viewer");

        Assert.Contains("1 shard differs and could not be repaired. All 12 shards were compared", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("1 bucket repaired since the nodes started", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll("table.grid:not(.compact) > tbody > tr").Count);
        Assert.Equal(["segment 427 bucket 3 of 8 n2 repaired", "segment 430 state n2 no majority holds one state"], page.FindAll(".phase-log tbody tr").Select(r => string.Join(' ', r.QuerySelectorAll("td").Where((_, i) => i != 3).Select(d => d.TextContent))));
        Assert.NotEmpty(page.FindAll(".checked-map .c-wrong"));
    }

    [Fact]
    public void A_comparison_under_way_and_one_that_nobody_made_are_told_apart()
    {
        Members.View = Members.Equal();
        Show(s => s.Shard == Seven, s => s with { Step = "Roots" });
        Show(s => s.Shard.Value == 8, s => s with { Last = null, Leader = "", NextAt = null });
        var page = RenderAs<IntegrityPage>("operator");

        Assert.Contains("11 of 12 shards were compared", TextOf(page), StringComparison.Ordinal);
        var (seven, eight) = (page.FindAll("table.grid:not(.compact) > tbody > tr")[6], page.FindAll("table.grid:not(.compact) > tbody > tr")[7]);
        Assert.Equal(("comparing", true), (seven.QuerySelector(".chip")!.TextContent, seven.QuerySelector(".btn.small")!.HasAttribute("disabled")));
        Assert.Contains("nobody", eight.TextContent, StringComparison.Ordinal);
        Assert.Contains("never", eight.TextContent, StringComparison.Ordinal);
        Assert.Contains("on demand", eight.TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll(".checked-map .c-unknown"));
    }

    [Theory]
    [InlineData(".head-actions .btn.filled", "Compare all 12 shards now", "compare all by ops-1: sure?")]
    [InlineData(".btn.small[title='Compare the replicas of s-07 now']", "Compare s-07 now", "compare s-07 by ops-1: sure?")]
    public async Task Compare_now_says_what_it_costs_shows_its_call_and_needs_a_reason(string button, string verb, string asked)
    {
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<IntegrityPage>("operator");
        var opening = page.Find(button).ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        Assert.Contains("Where digests agree no data are read", TextOf(dialogs), StringComparison.Ordinal);
        Assert.Contains("Show call", TextOf(dialogs), StringComparison.Ordinal);
        Assert.Contains(verb, dialogs.Find(".btn.filled").TextContent, StringComparison.Ordinal);
        dialogs.Find("textarea").Input("sure?");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal([asked], Members.Asked);
    }

    [Fact]
    public async Task An_orphan_is_dropped_by_an_administrator_and_only_where_it_may_go()
    {
        Members.View = Members.Equal() with
        {
            Orphans = [new OrphanRow(new SegmentId(9), Seven, new ShardId(2), "Retained", 4, 12, 3400, Members.Now, true), new OrphanRow(new SegmentId(10), Seven, new ShardId(2), "Frozen", 4, 12, 3400, Members.Now, false)],
            Maps = [new MapDifferenceRow("n5", 412, "00aa", "00bb")],
        };
        Assert.Empty(RenderAs<IntegrityPage>("operator").FindAll(".btn.danger"));
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<IntegrityPage>("administrator");
        Assert.Contains("2 orphan segments are held, 1 member has another map.", TextOf(page), StringComparison.Ordinal);
        Assert.Equal([false, true], page.FindAll(".btn.danger").Select(b => b.HasAttribute("disabled")));
        var opening = page.FindAll(".btn.danger")[0].ClickAsync(new());
        dialogs.WaitForElement("textarea");
        Assert.Contains("It cannot be undone.", TextOf(dialogs), StringComparison.Ordinal);
        dialogs.Find("textarea").Input("seen");
        await dialogs.Find(".btn.danger").ClickAsync(new());
        await opening;
        Assert.Equal(["drop 9 by ops-1: seen"], Members.Asked);
    }

    [Fact]
    public void Empty_and_error_have_faces_of_their_own_and_a_change_arrives()
    {
        var page = RenderAs<IntegrityPage>("viewer");
        Members.View = Members.Equal();
        Show(s => s.Shard == Seven, s => s with { Step = "Roots" });
        Cluster.RaiseChanged();
        page.WaitForAssertion(() => Assert.Contains("1 are being compared now", TextOf(page), StringComparison.Ordinal), TimeSpan.FromSeconds(20));

        Members.View = new IntegrityView([], [], [], 0, 0, 0);
        Assert.Contains("No shard yet", TextOf(RenderAs<IntegrityPage>("viewer")), StringComparison.Ordinal);
        Members.Failure = new InvalidOperationException("The fleet is away.");
        Assert.Contains("The fleet is away.", TextOf(RenderAs<IntegrityPage>("viewer")), StringComparison.Ordinal);
    }

    private void Show(Func<ShardIntegrityRow, bool> which, Func<ShardIntegrityRow, ShardIntegrityRow> change) =>
        Members.View = Members.View! with { Shards = [.. Members.View!.Shards.Select(s => which(s) ? change(s) : s)] };
}
