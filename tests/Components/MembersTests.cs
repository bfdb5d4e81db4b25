using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using ShardConsole.Components.Fakes;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Pages;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Components;

/// <summary>The members' view of the nodes page: who is suspected, what is under way, what may be asked of whom.</summary>
public sealed class MembersTests : ConsoleContext
{
    [Fact]
    public void Members_that_are_well_are_listed_with_their_distances_and_nothing_to_do()
    {
        var page = Page("operator");

        Assert.Contains("All 6 members are alive, nobody suspects anybody, and nothing is being moved.", TextOf(page), StringComparison.Ordinal);
        Assert.Equal(6, page.FindAll("table.grid.tall > tbody > tr").Count);
        Assert.Equal(6, page.FindAll("table.trips > tbody > tr").Count);
        Assert.Equal("", page.Find("table.trips > tbody > tr td.num").TextContent.Trim());
        Assert.Contains("No change yet", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Suspicion_a_drain_and_a_newcomer_are_told_first()
    {
        Members.Rows[1] = FakeMembers.Row(2) with { State = "suspect", SuspectedBy = ["n1", "n4"] };
        Members.Rows[2] = FakeMembers.Row(3, MemberStage.Draining) with { Progress = new MemberProgress("drain", 9, 4, 2, "s-07: n5 lacks 300 entries", Members.Now, "ops-1", true) };
        Members.Rows.Add(FakeMembers.Row(7, MemberStage.Joining) with { RoundTrips = new Dictionary<string, int>() });
        var page = Page("viewer");

        Assert.Contains("n2 is suspected; n3 is being emptied: 4 of 9 groups done, leaves then; n7 joins.", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("n1, n4", page.Find("td.warn").TextContent, StringComparison.Ordinal);
        var bar = page.Find(".under-way [role=progressbar]");
        Assert.Equal("n3 is being emptied: 4 of 9\u00A0groups done, leaves then", bar.GetAttribute("aria-label"));
        Assert.Contains("s-07: n5 lacks 300 entries", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_viewer_sees_no_buttons_that_change_anything()
    {
        Members.Changes.Add(Members.Change(7, "s-07", "n3", "n5", ReplicaPhase.CatchingUp));
        var page = Page("viewer");

        Assert.Empty(page.FindAll(".btn.small"));
        Assert.Empty(page.FindAll("table.changes-grid .icon-btn"));
        Assert.DoesNotContain("Add node", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_stage_offers_what_it_allows()
    {
        Members.Rows.Clear();
        Members.Rows.AddRange([
            FakeMembers.Row(1), FakeMembers.Row(2) with { Replicas = 3 }, FakeMembers.Row(3, MemberStage.Draining), FakeMembers.Row(4, MemberStage.Drained), FakeMembers.Row(5, state: "dead"),
            FakeMembers.Row(6, MemberStage.Left)]);

        Assert.Equal(
            ["Drain|Drain and let leave", "Give it its share|Drain|Drain and let leave", "End the drain", "Let it leave|End the drain", "Remove", ""],
            Page("operator").FindAll("table.grid.tall > tbody > tr").Select(r => string.Join('|', r.QuerySelectorAll(".btn.small").Select(b => b.TextContent))));
    }

    [Theory]
    [InlineData("Drain n2", "Serving", "alive", ".btn.filled", "drain 2 by ops-1: old machine")]
    [InlineData("Drain n2 and let it leave", "Serving", "alive", ".btn.danger", "drain 2 and leave by ops-1: old machine")]
    [InlineData("End the drain of n2", "Draining", "alive", ".btn.filled", "end drain 2 by ops-1: old machine")]
    [InlineData("Let n2 leave", "Drained", "alive", ".btn.danger", "leave 2 by ops-1: old machine")]
    [InlineData("Remove n2", "Serving", "dead", ".btn.danger", "remove 2 by ops-1: old machine")]
    [InlineData("Give n2 its share", "Empty", "alive", ".btn.filled", "fill 2 by ops-1: old machine")]
    public async Task Each_action_says_what_happens_shows_its_call_and_needs_a_reason(string title, string stage, string state, string button, string asked)
    {
        Members.Rows[1] = FakeMembers.Row(2, Enum.Parse<MemberStage>(stage), state);
        var dialogs = Render<MudDialogProvider>();
        var page = Page("operator");
        var opening = page.Find($".btn.small[title='{title}']").ClickAsync(new());
        dialogs.WaitForElement(button);
        Assert.Contains("Show call", TextOf(dialogs), StringComparison.Ordinal);
        Assert.Contains("What clients notice", TextOf(dialogs), StringComparison.Ordinal);
        Assert.True(dialogs.Find(button).HasAttribute("disabled"));
        dialogs.Find("textarea").Input("old machine");
        await dialogs.Find(button).ClickAsync(new());
        await opening;
        Assert.Equal([asked], Members.Asked);
    }

    [Fact]
    public async Task A_refused_drain_stays_open_and_says_why()
    {
        Members.Answer = new Outcome("not-member", "Node 2 has left already.");
        var dialogs = Render<MudDialogProvider>();
        var page = Page("operator");
        var opening = page.Find(".btn.small[title='Drain n2']").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        dialogs.Find("textarea").Input("old machine");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        Assert.Contains("Node 2 has left already.", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll("button").Single(b => b.TextContent == "Back").ClickAsync(new());
        await opening;
    }

    [Fact]
    public async Task A_change_of_replicas_is_followed_and_cancelled()
    {
        Members.Changes.AddRange([Members.Change(8, "s-07", "n3", "n5", ReplicaPhase.CatchingUp), Members.Change(7, "s-03", "n3", "n6", ReplicaPhase.Done)]);
        var dialogs = Render<MudDialogProvider>();
        var page = Page("operator");
        Assert.Equal(["s-07 n3 → n5 Catching up", "s-03 n3 → n6 Done"], page.FindAll("table.changes-grid > tbody > tr").Select(r => string.Join(' ', r.QuerySelectorAll("td").Take(3).Select(d => d.TextContent))));
        var opening = page.FindAll("table.changes-grid .icon-btn").Single().ClickAsync(new());
        dialogs.WaitForElement(".btn.danger");
        dialogs.Find("textarea").Input("wrong one");
        await dialogs.Find(".btn.danger").ClickAsync(new());
        await opening;
        Assert.Equal(["cancel 8 by ops-1: wrong one"], Members.Asked);
    }

    [Fact]
    public async Task A_node_is_started_here_or_the_command_for_elsewhere_is_shown()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = Page("operator");
        var opening = page.FindAll(".head-actions .btn").Single(b => b.TextContent == "Add node").ClickAsync(new());
        dialogs.WaitForElement(".btn.filled");
        Assert.Contains("--seed 10.0.0.1:7201", dialogs.Find("pre").TextContent, StringComparison.Ordinal);
        dialogs.Find("input").Input("b");
        dialogs.Find("textarea").Input("more room");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["add in \"b\" by ops-1: more room"], Members.Asked);

        Members.CanStart = false;
        _ = page.FindAll(".head-actions .btn").Single(b => b.TextContent == "Add node").ClickAsync(new());
        dialogs.WaitForElement("pre");
        Assert.Empty(dialogs.FindAll(".btn.filled"));
    }

    [Fact]
    public async Task A_replica_is_replaced_from_the_shards_row()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/fleet?view=shards");
        var dialogs = Render<MudDialogProvider>();
        var page = RenderAs<FleetPage>("operator");
        var opening = page.FindAll(".btn.small")[6].ClickAsync(new());
        dialogs.WaitForElement("select");
        Assert.Equal(["", "n3", "n4", "n5", "n6"], dialogs.FindAll("select")[1].QuerySelectorAll("option").Select(o => o.GetAttribute("value")));
        dialogs.FindAll("select")[0].Change("n2");
        dialogs.FindAll("select")[1].Change("n5");
        Assert.Contains("votes in the place of n2", TextOf(dialogs), StringComparison.Ordinal);
        dialogs.Find("textarea").Input("n2 is slow");
        await dialogs.Find(".btn.filled").ClickAsync(new());
        await opening;
        Assert.Equal(["replace s-07 2 5 by ops-1: n2 is slow"], Members.Asked);
    }

    [Fact]
    public void A_change_in_the_cluster_reaches_the_view_and_an_error_keeps_it_standing()
    {
        var page = Page("viewer");
        Members.Rows[2] = FakeMembers.Row(3, MemberStage.Draining) with { Progress = new MemberProgress("drain", 9, 4, 2, "", Members.Now, "", false) };
        Cluster.RaiseChanged();
        page.WaitForAssertion(() => Assert.Contains("draining", TextOf(page), StringComparison.Ordinal), TimeSpan.FromSeconds(20));

        Members.Rows.Clear();
        Assert.Contains("No member yet", TextOf(Page("viewer")), StringComparison.Ordinal);
    }

    private IRenderedComponent<FleetPage> Page(string role)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/fleet?view=members");
        return RenderAs<FleetPage>(role);
    }
}
