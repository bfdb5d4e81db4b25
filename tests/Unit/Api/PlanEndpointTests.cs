using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;

namespace ShardConsole.Unit.Api;

public sealed class PlanEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_plan_that_was_looked_at_is_approved_by_its_hash_and_etag()
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of("approve", 2));

        var seen = await server.SendAsync("GET", $"/api/v1/plans/{plan.Id[..8]}");
        var answer = await server.SendAsync("POST", $"/api/v1/plans/{plan.Id}/approve", json: """{"reason":"fine"}""", headers: ("If-Match", seen.Header("ETag")!));

        Assert.Equal((200, plan.Etag), (seen.Status, seen.Header("ETag")));
        Assert.Equal("Proposed", seen.Body.GetProperty("summary").GetProperty("state").GetString());
        Assert.Equal((200, plan.Id), (answer.Status, answer.Body.GetProperty("id").GetString()));
        var kept = await server.World.FindAsync(plan.Plan);
        Assert.Equal((PlanState.Approved, "key operator", "fine"), (kept.State, kept.Log[^1].By, kept.Log[^1].Reason));
    }

    [Fact]
    public async Task An_approval_needs_no_body()
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of("no body", 6));

        Assert.Equal(200, (await server.SendAsync("POST", $"/api/v1/plans/{plan.Id}/approve")).Status);
    }

    [Fact]
    public async Task A_plan_whose_precondition_failed_is_a_conflict_that_says_which()
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of("stale", 4));
        server.World.Fleet.State = server.World.Fleet.State with { Map = server.World.Fleet.Moved(new SegmentId(4), Reports.S2) };

        var answer = await server.SendAsync("POST", $"/api/v1/plans/{plan.Id}/approve", json: "{}");
        server.World.Fleet.State = Reports.State();

        Assert.Equal((409, "stale"), (answer.Status, answer.Code));
        Assert.Contains("segment 4 belongs to s-02, the plan moves it from s-01", answer.Detail, StringComparison.Ordinal);
        var kept = await server.SendAsync("GET", $"/api/v1/plans/{plan.Id}");
        Assert.Equal("Stale", kept.Body.GetProperty("summary").GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("approve", "{}")]
    [InlineData("reject", """{"reason":"no"}""")]
    [InlineData("schedule", """{"startAt":"2026-03-02T13:00:00Z"}""")]
    [InlineData("unschedule", null)]
    public async Task A_decision_on_an_older_state_changes_nothing(string verb, string? json)
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of($"older {verb}", 10));

        var answer = await server.SendAsync("POST", $"/api/v1/plans/{plan.Id}/{verb}", json: json, headers: ("If-Match", "\"other-1\""));

        Assert.Equal((412, "changed"), (answer.Status, answer.Code));
        Assert.Equal(PlanState.Proposed, (await server.World.FindAsync(plan.Plan)).State);
    }

    [Fact]
    public async Task A_plan_is_scheduled_unscheduled_and_rejected()
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of("schedule", 8));
        var states = new List<string?>();
        foreach (var (verb, json) in new[] { ("schedule", """{"startAt":"2026-03-02T13:00:00Z"}"""), ("unschedule", null), ("reject", """{"reason":"no"}""") })
        {
            Assert.Equal(200, (await server.SendAsync("POST", $"/api/v1/plans/{plan.Id}/{verb}", json: json)).Status);
            states.Add((await server.World.FindAsync(plan.Plan)).State.ToString());
        }

        Assert.Equal(["Scheduled", "Proposed", "Rejected"], states);
        Assert.Equal((409, "conflict"), await CodeAsync("POST", $"/api/v1/plans/{plan.Id}/approve"));
    }

    [Fact]
    public async Task Plans_are_listed_by_state_page_by_page()
    {
        var plan = await server.World.ProposeAsync(PlanWorld.Of("list", 2));
        await server.World.ProposeAsync(PlanWorld.Of("list 2", 2));

        var waiting = await server.SendAsync("GET", "/api/v1/plans?state=waiting");
        var first = await server.SendAsync("GET", "/api/v1/plans?limit=1");

        Assert.Equal([PlanWorld.Of("list 2", 2).Hash], Ids(waiting));
        Assert.Equal(1, first.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(1, first.Body.GetProperty("next").GetInt32());
        Assert.DoesNotContain(plan.Id, Ids(waiting));
    }

    [Fact]
    public async Task Without_measured_load_no_plan_can_be_made() => Assert.Equal((503, "unavailable"), await CodeAsync("POST", "/api/v1/plans"));

    private static IEnumerable<string?> Ids(Answer answer) => answer.Body.GetProperty("items").EnumerateArray().Select((JsonElement p) => p.GetProperty("id").GetString());

    private async Task<(int, string?)> CodeAsync(string method, string path) => await server.SendAsync(method, path) is var answer ? (answer.Status, answer.Code) : default;
}
