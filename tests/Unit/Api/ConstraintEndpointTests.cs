using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class ConstraintEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Path = "/api/v1/constraints";

    [Fact]
    public async Task A_constraint_is_put_listed_audited_undone_and_removed()
    {
        var put = await server.SendAsync("PUT", $"{Path}/billing", Roles.Operator, """{"kind":"pin","segments":[1,2],"why":"contract"}""");
        Assert.Equal((200, "Pin", true), (put.Status, put.Body.GetProperty("kind").GetString(), put.Body.GetProperty("enabled").GetBoolean()));
        Assert.Equal("billing", Assert.Single(server.World.Settings.Now.Values.Constraints).Name);
        var written = (await server.World.Audit.ListAsync(0, 1, default))[0];
        Assert.Equal(("settings-changed", "key operator"), (written.Action, written.By));
        Assert.Contains("contract: constraint \"billing\": added", written.Detail, StringComparison.Ordinal);

        var replaced = await server.SendAsync("PUT", $"{Path}/billing", Roles.Operator, """{"kind":"pin","segments":[3],"enabled":false}""");
        Assert.Equal(200, replaced.Status);
        Assert.Equal([3], Assert.Single(server.World.Settings.Now.Values.Constraints).Segments);
        Assert.Equal(1, (await server.SendAsync("GET", Path, Roles.Viewer)).Body.GetArrayLength());

        var version = server.World.Settings.Now.Version;
        Assert.Equal(200, (await server.SendAsync("POST", $"/api/v1/settings/versions/{version}/undo", Roles.Administrator, "{}")).Status);
        Assert.Equal([1, 2], Assert.Single(server.World.Settings.Now.Values.Constraints).Segments);

        Assert.Equal(200, (await server.SendAsync("DELETE", $"{Path}/billing", Roles.Operator)).Status);
        Assert.Equal((404, 404), ((await server.SendAsync("DELETE", $"{Path}/billing", Roles.Operator)).Status, (await server.SendAsync("GET", $"{Path}/billing", Roles.Viewer)).Status));
    }

    [Theory]
    [InlineData("""{"segments":[1]}""", "kind")]
    [InlineData("""{"kind":"pin","segments":[99999]}""", "segments")]
    [InlineData("""{"kind":"exclude","nodes":["nowhere"]}""", "nodes")]
    [InlineData("""{"kind":"apart","segments":[1]}""", "segments")]
    public async Task What_cannot_be_used_is_named_by_field(string body, string field)
    {
        var refused = await server.SendAsync("PUT", $"{Path}/wrong", Roles.Operator, body);

        Assert.Equal((400, field), (refused.Status, string.Join(' ', refused.Fields)));
    }
}
