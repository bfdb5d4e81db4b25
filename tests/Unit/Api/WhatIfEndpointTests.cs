using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class WhatIfEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_replay_is_an_operation_that_is_started_looked_at_and_cancelled()
    {
        var started = await server.SendAsync("POST", "/api/v1/what-if", Roles.Operator, """{"days":1,"traffic":1.5,"without":["n2"]}""");
        Assert.Equal(202, started.Status);
        var location = started.Header("Location")!;
        Assert.Equal($"/api/v1/what-if/{started.Body.GetProperty("id").GetString()}", location);

        var run = await server.SendAsync("GET", location, Roles.Viewer);
        Assert.Equal(("Waiting", "Without n2, traffic × 1.5", 1.5), (run.Body.GetProperty("state").GetString(), run.Body.GetProperty("title").GetString(), run.Body.GetProperty("change").GetProperty("traffic").GetDouble()));
        var list = await server.SendAsync("GET", "/api/v1/what-if", Roles.Viewer);
        Assert.Contains(list.Body.GetProperty("items").EnumerateArray(), r => $"/api/v1/what-if/{r.GetProperty("id").GetString()}" == location);

        Assert.Equal(200, (await server.SendAsync("DELETE", location)).Status);
        Assert.Equal("Cancelled", (await server.SendAsync("GET", location)).Body.GetProperty("state").GetString());
        Assert.Equal((409, "conflict"), ((await server.SendAsync("DELETE", location)).Status, (await server.SendAsync("DELETE", location)).Code));
    }

    [Fact]
    public async Task A_wrong_field_is_named()
    {
        var answer = await server.SendAsync("POST", "/api/v1/what-if", Roles.Operator, """{"days":40}""");

        Assert.Equal((400, "invalid"), (answer.Status, answer.Code));
        Assert.Equal(["days"], answer.Fields);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task What_is_not_kept_is_not_found(string method) => Assert.Equal(404, (await server.SendAsync(method, "/api/v1/what-if/beef")).Status);
}
