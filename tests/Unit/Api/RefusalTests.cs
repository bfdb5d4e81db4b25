using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;

namespace ShardConsole.Unit.Api;

public sealed class RefusalTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("GET", "/api/v1/cluster")]
    [InlineData("POST", "/api/v1/halt")]
    [InlineData("GET", "/api/v1/tokens")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("GET", "/swagger/v1/swagger.json")]
    [InlineData("POST", "/hubs/cluster/negotiate")]
    public async Task Without_a_key_nothing_is_answered(string method, string path)
    {
        var answer = await server.SendAsync(method, path, role: null);

        Assert.True(answer.Status is 401 or 302, $"{answer.Status}");
        Assert.False(path.StartsWith("/api", StringComparison.Ordinal) && answer.Code != "no-key");
    }

    [Fact]
    public async Task A_key_that_is_none_is_said_to_be_unknown()
    {
        var answer = await server.SendAsync("GET", "/api/v1/cluster", "sck_nonsense");

        Assert.Equal((401, "no-key"), (answer.Status, answer.Code));
        Assert.StartsWith("The API key is unknown", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/v1/halt", Roles.Viewer, Roles.Operator)]
    [InlineData("DELETE", "/api/v1/halt", Roles.Viewer, Roles.Operator)]
    [InlineData("PATCH", "/api/v1/limits", Roles.Viewer, Roles.Operator)]
    [InlineData("POST", "/api/v1/plans", Roles.Viewer, Roles.Operator)]
    [InlineData("POST", "/api/v1/plans/abcd/approve", Roles.Viewer, Roles.Operator)]
    [InlineData("POST", "/api/v1/migrations/1/cancel", Roles.Viewer, Roles.Operator)]
    [InlineData("POST", "/api/v1/query-logs", Roles.Viewer, Roles.Operator)]
    [InlineData("POST", "/api/v1/forecasts", Roles.Viewer, Roles.Operator)]
    [InlineData("PUT", "/api/v1/policies/night", Roles.Operator, Roles.Administrator)]
    [InlineData("GET", "/api/v1/tokens", Roles.Operator, Roles.Administrator)]
    public async Task A_role_that_is_not_enough_is_told_which_one_is(string method, string path, string role, string needed)
    {
        var answer = await server.SendAsync(method, path, role, "{}");

        Assert.Equal((403, "forbidden"), (answer.Status, answer.Code));
        Assert.Equal($"\"key {role}\" may not do this; the role \"{needed}\" is needed.", answer.Detail);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("GET", "/api/v1/plans/abcd")]
    [InlineData("GET", "/api/v1/segments/64")]
    [InlineData("GET", "/api/v1/migrations/7")]
    [InlineData("GET", "/api/v1/query-logs/77")]
    [InlineData("GET", "/api/v1/policies/none")]
    [InlineData("GET", "/api/v1/forecasts")]
    [InlineData("DELETE", "/api/v1/query-logs/77")]
    public async Task What_does_not_exist_is_not_found(string method, string path)
    {
        var answer = await server.SendAsync(method, path);

        Assert.Equal((404, "not-found"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("GET", "/api/v1/segments?limit=abc", null, "limit")]
    [InlineData("GET", "/api/v1/segments?limit=51&offset=-1", null, "offset,limit")]
    [InlineData("GET", "/api/v1/segments?shard=x", null, "shard")]
    [InlineData("GET", "/api/v1/segments/abc", null, "id")]
    [InlineData("GET", "/api/v1/search", null, "q")]
    [InlineData("GET", "/api/v1/plans?state=odd", null, "state")]
    [InlineData("GET", "/api/v1/migrations/abc", null, "id")]
    [InlineData("GET", "/api/v1/migrations?state=odd", null, "state")]
    [InlineData("GET", "/api/v1/load?metric=odd&from=never", null, "metric,from")]
    [InlineData("GET", "/api/v1/load?from=2026-03-02T12:00:00Z&to=2026-03-02T11:00:00Z", null, "from")]
    [InlineData("GET", "/api/v1/load?from=2026-03-01T12:00:00Z&to=2026-03-02T12:00:00Z&step=10", null, "step")]
    [InlineData("GET", "/api/v1/load?step=15", null, "step")]
    [InlineData("GET", "/api/v1/load?segments=3,64", null, "segments")]
    [InlineData("GET", "/api/v1/forecasts?metric=keys", null, "metric")]
    [InlineData("GET", "/api/v1/audit?limit=0&before=0", null, "limit,before")]
    [InlineData("POST", "/api/v1/plans", """{"segments":[-1]}""", "segments")]
    [InlineData("POST", "/api/v1/plans", """{"segments":[64]}""", "segments")]
    [InlineData("POST", "/api/v1/plans", """{"segments":["a"]}""", "segments[0]")]
    [InlineData("POST", "/api/v1/halt", "{}", "reason")]
    [InlineData("POST", "/api/v1/halt", """{"reason":5}""", "reason")]
    [InlineData("POST", "/api/v1/halt", "nonsense", "body")]
    [InlineData("POST", "/api/v1/plans/abcd/reject", null, "body")]
    [InlineData("POST", "/api/v1/plans/abcd/schedule", "{}", "startAt")]
    [InlineData("POST", "/api/v1/plans/abcd/schedule", """{"startAt":"2026-03-02T12:00:00Z"}""", "startAt")]
    [InlineData("POST", "/api/v1/plans/abcd/schedule", """{"startAt":"soon"}""", "startAt")]
    [InlineData("PATCH", "/api/v1/limits", """{"maxConcurrentMoves":0}""", "maxConcurrentMoves")]
    [InlineData("PUT", "/api/v1/policies/night", """{"enabled":true,"maxMoves":1,"maxBytes":1}""", "minConfidence,minGainMinutes")]
    [InlineData("PUT", "/api/v1/policies/night", """{"enabled":true,"maxMoves":1,"maxBytes":1,"minConfidence":2,"minGainMinutes":0}""", "minConfidence")]
    [InlineData("POST", "/api/v1/tokens", """{"name":"","role":"king","days":0}""", "name,role,days")]
    public async Task Nonsense_is_answered_with_every_field_that_is_wrong(string method, string path, string? json, string fields)
    {
        var answer = await server.SendAsync(method, path, Roles.Administrator, json);

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal(fields.Split(',').Order(), answer.Fields.Order());
    }

    [Fact]
    public async Task Another_media_type_and_another_method_are_problems_too()
    {
        using var text = new HttpRequestMessage(HttpMethod.Post, "/api/v1/plans/abcd/reject") { Content = new StringContent("reason=no") };

        Assert.Equal((415, "media-type"), await StatusAsync(server.SendAsync(text, Roles.Operator)));
        Assert.Equal((405, "method"), await StatusAsync(server.SendAsync("PUT", "/api/v1/cluster")));
    }

    [Fact]
    public async Task A_bug_is_answered_without_its_insides()
    {
        var answer = await server.SendAsync("GET", "/api/v1/overview");

        Assert.Equal((500, "internal"), (answer.Status, answer.Code));
        Assert.DoesNotContain("made to fail", answer.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_asked_is_unavailable()
    {
        server.World.Fleet.Refusal = "unavailable";
        var answer = await server.SendAsync("POST", "/api/v1/halt", json: """{"reason":"test"}""");
        server.World.Fleet.Refusal = null;

        Assert.Equal((503, "unavailable", "refused with unavailable"), (answer.Status, answer.Code, answer.Detail));
    }

    [Fact]
    public async Task What_the_cluster_refuses_keeps_its_code()
    {
        server.World.Fleet.Show(PlanWorld.Of("late", 2), 1, ShardConsole.Shared.Plans.MigrationPhase.Cleaning);
        server.World.Fleet.Refusal = "too-late";
        var answer = await server.SendAsync("POST", "/api/v1/migrations/1001/cancel", json: """{"reason":"test"}""");
        server.World.Fleet.Refusal = null;
        server.World.Fleet.State = Reports.State();

        Assert.Equal((409, "too-late"), (answer.Status, answer.Code));
    }

    private static async Task<(int, string?)> StatusAsync(Task<Answer> sending) => await sending is var answer ? (answer.Status, answer.Code) : default;
}
