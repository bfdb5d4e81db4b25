using ShardConsole.ControlPlane.Calendar;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class EventEndpointTests : IAsyncLifetime
{
    private const string Sale = """{"name":"Sale","rule":"weekly FRI 18:00","minutes":90,"zone":"Europe/Berlin","scope":"segments 3,7-9","factor":3}""";

    private readonly ApiServer server = new();

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task An_event_is_added_changed_and_removed_and_each_is_audited()
    {
        var added = await server.SendAsync("POST", "/api/v1/events", json: Sale);
        Assert.Equal((201, "1"), (added.Status, added.Body.GetProperty("id").GetString()));

        var one = (await server.SendAsync("GET", "/api/v1/events/1", Roles.Viewer)).Body;
        Assert.Equal(
            ("Sale", "weekly friday 18:00", 90.0, 4, 3.0, 3),
            (one.GetProperty("name").GetString(), one.GetProperty("rule").GetString(), one.GetProperty("minutes").GetDouble(), one.GetProperty("segments").GetInt32(), one.GetProperty("factorInForce").GetDouble(),
                one.GetProperty("next").GetArrayLength()));

        Assert.Equal(200, (await server.SendAsync("PUT", "/api/v1/events/1", json: """{"name":"Sale","rule":"monthly 1 00:00","minutes":60}""")).Status);
        var changed = (await server.SendAsync("GET", "/api/v1/events", Roles.Viewer)).Body[0];
        Assert.Equal(("monthly 1 00:00", "all"), (changed.GetProperty("rule").GetString(), changed.GetProperty("scope").GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, changed.GetProperty("factorInForce").ValueKind);

        Assert.Equal(200, (await server.SendAsync("DELETE", "/api/v1/events/1")).Status);
        Assert.Equal(404, (await server.SendAsync("GET", "/api/v1/events/1", Roles.Viewer)).Status);
        using var db = server.World.Database.CreateDbContext();
        Assert.Equal(["event-added", "event-changed", "event-removed"], db.Audit.Where(a => a.Subject == "event 1").OrderBy(a => a.Id).Select(a => a.Action).AsEnumerable());
    }

    [Theory]
    [InlineData("""{"name":"Sale","rule":"weekly friday 18:00"}""", "minutes")]
    [InlineData("""{"name":"","rule":"weekly friday 18:00","minutes":5}""", "name")]
    [InlineData("""{"name":"Sale","rule":"hourly","minutes":5}""", "rule")]
    [InlineData("""{"name":"Sale","rule":"daily 09:00","minutes":0}""", "minutes")]
    [InlineData("""{"name":"Sale","rule":"daily 09:00","minutes":5,"zone":"Moon/Crater"}""", "zone")]
    [InlineData("""{"name":"Sale","rule":"daily 09:00","minutes":5,"factor":0}""", "factor")]
    [InlineData("""{"name":"Sale","rule":"daily 09:00","minutes":5,"scope":"keys user:*"}""", "scope")]
    public async Task What_is_wrong_with_an_event_is_named_by_its_field(string json, string field)
    {
        var answer = await server.SendAsync("POST", "/api/v1/events", json: json);

        Assert.Equal(400, answer.Status);
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
    }

    [Fact]
    public async Task A_proposal_is_accepted_or_dismissed_once_and_never_made_again()
    {
        Assert.True(EventRule.TryParse("daily 09:00", out var nine));
        Assert.True(EventRule.TryParse("weekly monday 12:00", out var noon));
        EventProposal[] found = [new(nine, TimeSpan.FromHours(1), 4, 3, 3), new(noon, TimeSpan.FromHours(2), 2, 3, 3)];
        var desk = new EventDesk(server.World.Database, server.World.Audit, server.World.Database.Folder, TimeProvider.System);
        await desk.ProposeAsync("all", found, DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);
        await desk.ProposeAsync("all", found, DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);

        Assert.Equal(2, (await server.SendAsync("GET", "/api/v1/events/proposals", Roles.Viewer)).Body.GetArrayLength());
        Assert.Equal(200, (await server.SendAsync("POST", "/api/v1/events/proposals/1/accept", json: "{}")).Status);
        Assert.Equal(200, (await server.SendAsync("POST", "/api/v1/events/proposals/2/dismiss", json: "{}")).Status);
        Assert.Equal(409, (await server.SendAsync("POST", "/api/v1/events/proposals/2/accept", json: "{}")).Status);
        Assert.Equal(404, (await server.SendAsync("POST", "/api/v1/events/proposals/3/dismiss", json: "{}")).Status);

        var only = Assert.Single((await server.SendAsync("GET", "/api/v1/events", Roles.Viewer)).Body.EnumerateArray());
        Assert.Equal(("daily 09:00", 4.0), (only.GetProperty("rule").GetString(), only.GetProperty("factorInForce").GetDouble()));
        await desk.ProposeAsync("all", found, DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);
        Assert.Equal(["accepted", "dismissed"], (await desk.ProposalsAsync(TestContext.Current.CancellationToken)).Select(p => p.State).Order());
    }
}
