using Microsoft.AspNetCore.Routing;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

/// <summary>All endpoints × all roles, against the one table.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Every_endpoint_is_open_to_exactly_the_roles_of_the_table()
    {
        await using var server = new ApiServer { Options = new ApiOptions { AnonymousBurst = 10_000, RequestBurst = 10_000 } };
        await server.InitializeAsync();
        var mapped = server.Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => (Method: m, Pattern: e.RoutePattern.RawText!))).ToList();
        var wrong = mapped.Where(e => AccessTable.Find(e.Method, e.Pattern) is null).Select(e => $"{e.Method} {e.Pattern} is in no row of the table").ToList();

        foreach (var (method, pattern) in mapped)
        {
            var rule = AccessTable.Find(method, pattern);
            var path = pattern.Replace("{id:long}", "7", StringComparison.Ordinal).Replace("{version:long}", "7", StringComparison.Ordinal)
                .Replace("{id}", "abcd", StringComparison.Ordinal).Replace("{name}", "night", StringComparison.Ordinal);
            foreach (var role in Roles.All.Prepend<string?>(null))
            {
                var answer = await server.SendAsync(method, path, role, method is "GET" or "DELETE" ? null : "{}");
                var may = rule is not null && (rule.Role is null || (role is not null && Roles.AtLeast(rule.Role).Contains(role)));
                if (may != answer.Code is not ("no-key" or "forbidden" or "scope") || (!may && answer.Status != (role is null ? 401 : 403)))
                {
                    wrong.Add($"{method} {pattern} as {role ?? "nobody"}: {answer.Status} {answer.Code}, the table says {rule?.Role ?? "everybody"}");
                }
            }
        }

        Assert.True(mapped.Count > 40, "The endpoints are found by their path; it seems to have changed.");
        Assert.Equal([], wrong);
    }

    [Fact]
    public void No_row_of_the_table_is_there_twice() =>
        Assert.Equal([], AccessTable.Rules.GroupBy(r => (r.Method, r.Path)).Where(g => g.Count() > 1).Select(g => g.Key.Path));

    [Fact]
    public async Task A_key_with_scopes_may_use_their_areas_and_nothing_else()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var key = await server.NewKeyAsync(Roles.Operator, "ann", "plans", "audit");

        Assert.Equal(200, (await server.SendAsync("GET", "/api/v1/plans", key)).Status);
        Assert.Equal(200, (await server.SendAsync("GET", "/api/v1/audit", key)).Status);
        var refused = await server.SendAsync("POST", "/api/v1/halt", key, """{"reason":"x"}""");
        Assert.Equal((403, "scope", "urn:shardconsole:problem:scope"), (refused.Status, refused.Code, refused.Body.GetProperty("type").GetString()));
        Assert.Equal("forbidden", (await server.SendAsync("PUT", "/api/v1/settings", key, "{}")).Code);
    }
}
