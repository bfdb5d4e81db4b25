using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Api;

namespace ShardConsole.Unit.Webhooks;

public sealed class WebhookEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Path = "/api/v1/webhooks";

    [Fact]
    public async Task A_webhook_is_added_tested_changed_read_page_by_page_and_removed()
    {
        var added = await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"ops","url":"https://hooks.example/services/T0/secret","form":"slack","events":["node-lost"]}""");
        var id = added.Body.GetProperty("webhook").GetProperty("id").GetInt64();
        Assert.Equal((201, $"{Path}/{id}"), (added.Status, added.Header("Location")));
        Assert.StartsWith("whs_", added.Body.GetProperty("secret").GetString(), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("delivered", (await server.SendAsync("POST", $"{Path}/{id}/test", Roles.Administrator, "{}")).Body.GetProperty("state").GetString());
        }

        var first = await server.SendAsync("GET", $"{Path}/{id}/deliveries?limit=2", Roles.Administrator);
        var second = await server.SendAsync("GET", $"{Path}/{id}/deliveries?limit=2&cursor={first.Body.GetProperty("cursor").GetString()}", Roles.Administrator);
        var ids = first.Body.GetProperty("items").EnumerateArray().Concat(second.Body.GetProperty("items").EnumerateArray()).Select(d => d.GetProperty("id").GetInt64()).ToList();
        Assert.Equal((3, 3), (ids.Count, ids.Distinct().Count()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.Body.GetProperty("cursor").ValueKind);

        var changed = await server.SendAsync("PATCH", $"{Path}/{id}", Roles.Administrator, """{"enabled":false}""");
        Assert.Equal((200, false, "https://hooks.example/…"), (changed.Status, changed.Body.GetProperty("enabled").GetBoolean(), changed.Body.GetProperty("target").GetString()));
        var secret = await server.SendAsync("POST", $"{Path}/{id}/secret", Roles.Administrator, "{}");
        Assert.NotEqual(added.Body.GetProperty("secret").GetString(), secret.Body.GetProperty("secret").GetString());
        var listed = await server.SendAsync("GET", Path, Roles.Administrator);
        Assert.DoesNotContain("secret", listed.Body.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, (await server.SendAsync("DELETE", $"{Path}/{id}", Roles.Administrator)).Status);
        Assert.Equal(404, (await server.SendAsync("GET", $"{Path}/{id}", Roles.Administrator)).Status);
    }

    [Fact]
    public async Task What_is_wrong_is_named_by_field()
    {
        var refused = await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"","url":"nowhere","form":"xml","events":["rain"]}""");

        Assert.Equal((400, "events form name url"), (refused.Status, string.Join(' ', refused.Fields.Order(StringComparer.Ordinal))));
        Assert.Equal(404, (await server.SendAsync("PATCH", $"{Path}/99", Roles.Administrator, """{"enabled":true}""")).Status);
    }
}
