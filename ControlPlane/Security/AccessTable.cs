namespace ShardConsole.ControlPlane.Security;

/// <summary>Who may use one endpoint of REST.</summary>
/// <param name="Path">Route below /api/v1, as it is mapped.</param>
/// <param name="Role">The least role; null: everybody, signed in or not.</param>
internal sealed record AccessRule(string Method, string Path, string? Role)
{
    /// <summary>The area that a key's scopes name: the first word of the path.</summary>
    public string Scope => Path.Split('/', 3)[1];
}

/// <summary>
/// The one table of who may do what. <see cref="AccessCheck"/> asks it at every request, after the policies of the endpoint: an endpoint that is not here is answered to nobody.
/// A key with scopes may use their areas only, and never more than its role.
/// </summary>
internal static class AccessTable
{
    private const string? Anybody = null;

    /// <summary>All rules.</summary>
    public static readonly IReadOnlyList<AccessRule> Rules =
    [
        .. Of(Anybody, "POST /setup", "POST /session", "DELETE /session", "POST /password-reset"),
        .. Of(
            Roles.Viewer, "GET /cluster", "GET /overview", "GET /map", "GET /nodes", "GET /shards", "GET /segments", "GET /segments/{id}", "GET /segments/{id}/score", "GET /search", "GET /load", "GET /forecasts", "GET /forecasts/quality", "GET /forecasts/horizons",
            "GET /heatmap", "GET /plans", "GET /plans/{id}", "GET /migrations", "GET /migrations/{id}", "GET /limits", "GET /halt", "GET /policies", "GET /policies/{name}",
            "GET /policies/{name}/dry-run", "GET /settings", "GET /settings/versions", "POST /settings/preview", "GET /query-logs", "GET /query-logs/{id}", "GET /forecasts/backtest",
            "GET /constraints", "GET /constraints/{name}", "GET /events", "GET /events/{id}", "GET /events/proposals", "GET /what-if", "GET /what-if/{id}",
            "GET /patterns", "GET /patterns/clumps", "GET /patterns/chains", "GET /patterns/links", "GET /patterns/transitions", "GET /patterns/hot-keys", "GET /patterns/seasons",
            "GET /members", "GET /members/join", "GET /members/{id}", "GET /members/{id}/fill", "GET /shards/{id}/replicas", "GET /replicas", "GET /replicas/{id}",
            "GET /integrity", "GET /integrity/comparisons",
            "GET /audit", "GET /audit/export", "GET /audit/verify", "GET /operations", "GET /operations/{id}"),
        .. Of(
            Roles.Operator, "POST /forecasts", "POST /plans", "POST /plans/{id}/approve", "POST /plans/{id}/schedule", "POST /plans/{id}/unschedule", "POST /plans/{id}/reject",
            "POST /plans/{id}/edit", "POST /plans/{id}/refresh", "POST /plans/{id}/undo", "POST /migrations/{id}/cancel", "POST /migrations/{id}/pause", "POST /migrations/{id}/resume", "POST /migrations/{id}/rollback",
            "POST /migrations/{id}/finish", "PATCH /limits", "POST /halt", "DELETE /halt", "POST /query-logs", "DELETE /query-logs/{id}", "POST /forecasts/backtest", "DELETE /forecasts/backtest",
            "PUT /constraints/{name}", "DELETE /constraints/{name}", "POST /events", "PUT /events/{id}", "DELETE /events/{id}", "POST /events/proposals/{id}/accept", "POST /events/proposals/{id}/dismiss", "POST /what-if",
            "DELETE /what-if/{id}", "DELETE /operations/{id}", "POST /operations/{id}/cancel",
            "POST /members", "POST /members/{id}/drain", "DELETE /members/{id}/drain", "POST /members/{id}/leave", "POST /members/{id}/remove", "POST /members/{id}/fill", "POST /members/{id}/plan",
            "POST /shards/{id}/leader", "POST /shards/{id}/replicas", "POST /replicas/{id}/cancel", "POST /integrity/comparisons"),
        .. Of(
            Roles.Administrator, "PUT /policies/{name}", "DELETE /policies/{name}", "PUT /settings", "POST /settings/versions/{version}/undo", "GET /tokens", "POST /tokens", "DELETE /tokens/{id}",
            "POST /integrity/orphans/{id}/drop", "GET /users", "POST /users", "PATCH /users/{id}", "DELETE /users/{id}", "POST /users/{id}/password-reset",
            "GET /webhooks", "POST /webhooks", "GET /webhooks/{id}", "PATCH /webhooks/{id}", "DELETE /webhooks/{id}", "POST /webhooks/{id}/secret", "POST /webhooks/{id}/test", "GET /webhooks/{id}/deliveries"),
    ];

    /// <summary>The areas that a key may be bound to.</summary>
    public static readonly IReadOnlyList<string> Scopes = [.. Rules.Where(r => r.Role is not null).Select(r => r.Scope).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The areas in which a role may use anything.</summary>
    public static IReadOnlyList<string> ScopesOf(string role) =>
        [.. Rules.Where(r => r.Role is { } least && Roles.AtLeast(least).Contains(role)).Select(r => r.Scope).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The rule of a route pattern; null where there is none. Constraints of parameters do not count.</summary>
    public static AccessRule? Find(string method, string pattern)
    {
        var path = pattern.Replace(":long", "", StringComparison.Ordinal).Replace("/api/v1", "", StringComparison.Ordinal).TrimEnd('/');
        return Rules.FirstOrDefault(r => r.Method == method && r.Path == path);
    }

    private static IEnumerable<AccessRule> Of(string? role, params string[] endpoints) => endpoints.Select(e => e.Split(' ')).Select(e => new AccessRule(e[0], e[1], role));
}
