using Bunit;
using ShardConsole.ControlPlane.Dashboard.Pages;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Components;

/// <summary>Each page shows data, says why it is empty, and keeps standing when its data cannot be read.</summary>
public sealed class FacesTests : ConsoleContext
{
    [Fact]
    public void Overview_answers_what_needs_a_person_and_when()
    {
        var page = RenderAs<OverviewPage>("operator");
        var text = TextOf(page);
        Assert.Contains("s-07 passes its sharding threshold at", text, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll(".need").Count);
        Assert.Equal(6, page.FindAll(".figure").Count);
        Assert.Equal(6, page.FindAll(".bars .bullet").Count);
    }

    [Fact]
    public void Overview_of_an_empty_cluster_says_so()
    {
        Cluster.CurrentMap = ShardMap.Empty;
        Assert.Contains("No node has reported yet", TextOf(RenderAs<OverviewPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Overview_shows_an_error_and_reads_again_on_retry()
    {
        Cluster.Failure = new TimeoutException("History did not answer within 5 s.");
        var page = RenderAs<OverviewPage>("viewer");
        Assert.Contains("History did not answer within 5 s.", TextOf(page), StringComparison.Ordinal);
        Cluster.Failure = null;
        page.Find(".face-error button").Click();
        Assert.Empty(page.FindAll(".face-error"));
        Assert.Equal(6, page.FindAll(".figure").Count);
    }

    [Fact]
    public void Plans_shows_what_waits_as_a_card_and_the_rest_as_past()
    {
        var page = RenderAs<PlansPage>("operator");
        Assert.Contains("One plan waits for you until 08:55", TextOf(page), StringComparison.Ordinal);
        Assert.Single(page.FindAll(".plan-card"));
        Assert.Equal(4, page.FindAll(".mud-table-body tr").Count);
        Assert.Contains("Schedule for 04:05", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_without_any_is_good_news()
    {
        Desks.Plans.Clear();
        Assert.Contains("No plan needed", TextOf(RenderAs<PlansPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_that_cannot_be_read_show_the_error()
    {
        Desks.Failure = new InvalidOperationException("The database is locked.");
        Assert.Contains("The database is locked.", TextOf(RenderAs<PlansPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Migrations_count_phases_and_explain_what_cannot_be_cancelled()
    {
        Desks.StartMoves();
        var page = RenderAs<MigrationsPage>("operator");
        Assert.Equal(["3", "1", "2", "1", "1", "1", "0", "1"], page.FindAll(".board b").Select(b => b.TextContent));
        Assert.Equal(6, page.FindAll("table.grid > tbody > tr").Count);
        var refused = page.FindAll("td .icon-btn").Single(b => b.HasAttribute("disabled"));
        Assert.Equal("It is being cut over: that takes milliseconds.", refused.GetAttribute("title"));
    }

    [Fact]
    public void Migrations_without_any_and_with_an_error()
    {
        Assert.Contains("No migration is running", TextOf(RenderAs<MigrationsPage>("viewer")), StringComparison.Ordinal);
        Cluster.Failure = new InvalidOperationException("The fleet is away.");
        Assert.Contains("The fleet is away.", TextOf(RenderAs<MigrationsPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Fleet_lists_nodes_and_shards_and_says_when_there_are_none()
    {
        var page = RenderAs<FleetPage>("viewer");
        Assert.Equal(6, page.FindAll("table.grid > tbody > tr").Count);
        Assert.Contains("leaves its comfort zone in CPU", TextOf(page), StringComparison.Ordinal);
        Cluster.CurrentMap = ShardMap.Empty;
        Assert.Contains("No node yet", TextOf(RenderAs<FleetPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Import_lists_progress_and_rejected_lines()
    {
        Assert.Contains("No import yet", TextOf(RenderAs<ImportPage>("operator")), StringComparison.Ordinal);
        Desks.Imports.Add(new(2, "orders.csv.gz", "running", 61, 100, 25_100_200, 12, ["line 17: 'abc' is no time"], Cluster.Now, Cluster.Now, null, Cluster.Now));
        var page = RenderAs<ImportPage>("operator");
        Assert.Contains("Importing orders.csv.gz: 61 %, 25 100 200 rows", TextOf(page), StringComparison.Ordinal);
        Assert.Contains("line 17: 'abc' is no time", TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Heatmap_before_the_founding_offers_an_import()
    {
        Cluster.CurrentMap = ShardMap.Empty;
        Assert.Contains("No history yet", TextOf(RenderAs<HeatmapPage>("viewer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Heatmap_names_the_hottest_shard_ahead()
    {
        var page = RenderAs<HeatmapPage>("viewer");
        Assert.Contains("Hottest ahead: s-07 on n3 at 09:10", TextOf(page), StringComparison.Ordinal);
        Assert.Single(page.FindAll(".heatmap"));
    }
}
