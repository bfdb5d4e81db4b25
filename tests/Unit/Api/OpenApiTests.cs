using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_document_lists_every_path()
    {
        var document = (await server.SendAsync("GET", "/swagger/v1/swagger.json", Roles.Viewer)).Body;

        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name["/api/v1".Length..]}")).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "DELETE /constraints/{name}", "DELETE /events/{id}", "DELETE /forecasts/backtest", "DELETE /halt", "DELETE /members/{id}/drain", "DELETE /operations/{id}", "DELETE /policies/{name}", "DELETE /query-logs/{id}",
                "DELETE /session", "DELETE /tokens/{id}", "DELETE /users/{id}", "DELETE /webhooks/{id}", "DELETE /what-if/{id}", "GET /audit", "GET /audit/export",
                "GET /audit/verify", "GET /cluster", "GET /constraints", "GET /constraints/{name}", "GET /events", "GET /events/proposals", "GET /events/{id}", "GET /forecasts", "GET /forecasts/backtest", "GET /forecasts/horizons", "GET /forecasts/quality",
                "GET /halt", "GET /integrity", "GET /integrity/comparisons", "GET /limits", "GET /load", "GET /map", "GET /members", "GET /members/join",
                "GET /members/{id}", "GET /members/{id}/fill", "GET /migrations", "GET /migrations/{id}", "GET /nodes", "GET /operations", "GET /operations/{id}",
                "GET /overview", "GET /patterns", "GET /patterns/chains", "GET /patterns/clumps", "GET /patterns/hot-keys", "GET /patterns/links",
                "GET /patterns/seasons", "GET /patterns/transitions", "GET /plans", "GET /plans/{id}", "GET /policies", "GET /policies/{name}",
                "GET /policies/{name}/dry-run", "GET /query-logs", "GET /query-logs/{id}", "GET /replicas", "GET /replicas/{id}", "GET /search", "GET /segments",
                "GET /segments/{id}", "GET /segments/{id}/score", "GET /settings", "GET /settings/versions", "GET /shards", "GET /shards/{id}/replicas",
                "GET /tokens", "GET /users", "GET /webhooks", "GET /webhooks/{id}", "GET /webhooks/{id}/deliveries", "GET /what-if", "GET /what-if/{id}",
                "PATCH /limits", "PATCH /users/{id}", "PATCH /webhooks/{id}", "POST /events", "POST /events/proposals/{id}/accept",
                "POST /events/proposals/{id}/dismiss", "POST /forecasts", "POST /forecasts/backtest", "POST /halt", "POST /integrity/comparisons", "POST /integrity/orphans/{id}/drop",
                "POST /members", "POST /members/{id}/drain", "POST /members/{id}/fill", "POST /members/{id}/leave", "POST /members/{id}/plan", "POST /members/{id}/remove",
                "POST /migrations/{id}/cancel", "POST /migrations/{id}/finish", "POST /migrations/{id}/pause", "POST /migrations/{id}/resume",
                "POST /migrations/{id}/rollback", "POST /operations/{id}/cancel", "POST /password-reset", "POST /plans", "POST /plans/{id}/approve",
                "POST /plans/{id}/edit", "POST /plans/{id}/refresh", "POST /plans/{id}/reject", "POST /plans/{id}/schedule", "POST /plans/{id}/undo", "POST /plans/{id}/unschedule",
                "POST /query-logs", "POST /replicas/{id}/cancel", "POST /session", "POST /settings/preview", "POST /settings/versions/{version}/undo", "POST /setup",
                "POST /shards/{id}/leader", "POST /shards/{id}/replicas", "POST /tokens", "POST /users", "POST /users/{id}/password-reset", "POST /webhooks", "POST /webhooks/{id}/secret",
                "POST /webhooks/{id}/test", "POST /what-if", "PUT /constraints/{name}", "PUT /events/{id}", "PUT /policies/{name}", "PUT /settings",
            ],
            operations);
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_which_role_it_needs()
    {
        var document = (await server.SendAsync("GET", "/swagger/v1/swagger.json", Roles.Viewer)).Body;

        var poor = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (Name: $"{o.Name} {p.Name}", o.Value)))
            .Where(o => !o.Value.TryGetProperty("summary", out _) || !o.Value.GetProperty("description").GetString()!.Contains("Needs ", StringComparison.Ordinal)
                || o.Value.GetProperty("tags").GetArrayLength() != 1)
            .Select(o => o.Name);
        Assert.Equal([], poor);
        var approve = document.GetProperty("paths").GetProperty("/api/v1/plans/{id}/approve").GetProperty("post");
        Assert.EndsWith("Needs the role \"operator\".", approve.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(["Idempotency-Key", "If-Match", "id"], approve.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(["200", "400", "401", "403", "404", "409", "412", "422", "429"], approve.GetProperty("responses").EnumerateObject().Select(r => r.Name).Order(StringComparer.Ordinal));
        Assert.StartsWith("3.0.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal("urn:shardconsole:problem:changed", approve.GetProperty("responses").GetProperty("412").GetProperty("content").GetProperty("application/problem+json").GetProperty("example").GetProperty("type").GetString());
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("ApiKey").GetProperty("scheme").GetString());
    }

    [Fact]
    public async Task The_page_for_it_needs_a_sign_in()
    {
        Assert.Equal(302, (await server.SendAsync("GET", "/swagger/index.html", role: null)).Status);
        Assert.Equal(200, (await server.SendAsync("GET", "/swagger/index.html", Roles.Viewer)).Status);
    }
}
