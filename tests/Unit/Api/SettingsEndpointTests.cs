using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class SettingsEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Path = "/api/v1/settings";

    [Fact]
    public async Task Settings_are_changed_by_their_etag_listed_and_undone()
    {
        var seen = await server.SendAsync("GET", Path, Roles.Viewer);
        var saved = await server.SendAsync("PUT", Path, Roles.Administrator, """{"comfortZone":0.6,"reason":"bigger peaks"}""", ("If-Match", seen.Header("ETag")!));
        var late = await server.SendAsync("PUT", Path, Roles.Administrator, """{"comfortZone":0.5}""", ("If-Match", seen.Header("ETag")!));

        Assert.Equal((200, 0.6), (saved.Status, saved.Body.GetProperty("values").GetProperty("comfortZone").GetDouble()));
        Assert.Equal((412, "changed"), (late.Status, late.Code));
        var version = saved.Body.GetProperty("version").GetInt64();
        var undone = await server.SendAsync("POST", $"{Path}/versions/{version}/undo", Roles.Administrator, "{}");
        Assert.Equal((200, 0.7), (undone.Status, undone.Body.GetProperty("values").GetProperty("comfortZone").GetDouble()));
        var versions = await server.SendAsync("GET", $"{Path}/versions", Roles.Viewer);
        Assert.Equal((version, "key administrator"), (versions.Body[0].GetProperty("undoes").GetInt64(), versions.Body[0].GetProperty("by").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_used_is_named_by_field_before_and_when_it_is_saved()
    {
        const string Wrong = """{"thresholdMillicores":-1,"windows":[{"name":"n","kind":"freeze","enabled":true,"days":[],"from":"22:00","to":"06:00","timeZone":"Nowhere"}]}""";

        var preview = await server.SendAsync("POST", $"{Path}/preview", Roles.Viewer, Wrong);
        var saved = await server.SendAsync("PUT", Path, Roles.Administrator, Wrong);

        Assert.Equal((400, 400), (preview.Status, saved.Status));
        Assert.Equal(["thresholdMillicores", "windows"], preview.Fields.Order(StringComparer.Ordinal));
        Assert.Equal("urn:shardconsole:problem:invalid", saved.Body.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Quantile_and_horizon_are_settings_with_their_ranges_and_their_effect_told()
    {
        var seen = await server.SendAsync("GET", Path, Roles.Viewer);
        var fields = seen.Body.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(("0.9", 0.5, 0.99), (fields["quantile"].GetProperty("default").GetString(), fields["quantile"].GetProperty("min").GetDouble(), fields["quantile"].GetProperty("max").GetDouble()));
        Assert.Equal(("24", 1, 48), (fields["horizonHours"].GetProperty("default").GetString(), fields["horizonHours"].GetProperty("min").GetDouble(), fields["horizonHours"].GetProperty("max").GetDouble()));
        Assert.All((string[])["quantile", "horizonHours"], f => Assert.NotEqual("", fields[f].GetProperty("effect").GetString()));

        var wrong = await server.SendAsync("PUT", Path, Roles.Administrator, """{"quantile":0.4,"horizonHours":49}""");
        Assert.Equal((400, "horizonHours quantile"), (wrong.Status, string.Join(' ', wrong.Fields.Order(StringComparer.Ordinal))));

        var saved = await server.SendAsync("PUT", Path, Roles.Administrator, """{"quantile":0.95,"horizonHours":6}""");
        Assert.Equal((200, 0.95, 6), (saved.Status, server.World.Settings.Now.Scoring.Quantile, server.World.Settings.Now.Scoring.HorizonHours));
        await server.SendAsync("PUT", Path, Roles.Administrator, """{"quantile":0.9,"horizonHours":24}""");
    }

    [Fact]
    public async Task The_audit_is_exported_as_lines_and_its_chain_is_checked()
    {
        await server.World.Audit.AddAsync("ann", "test", "x", "one, two", default);

        var csv = await server.SendAsync("GET", "/api/v1/audit/export?format=csv&who=ann", Roles.Viewer);
        var odd = await server.SendAsync("GET", "/api/v1/audit/export?format=xml", Roles.Viewer);
        var verdict = await server.SendAsync("GET", "/api/v1/audit/verify", Roles.Viewer);

        Assert.Equal((200, "text/csv"), (csv.Status, csv.MediaType));
        Assert.Equal("format", Assert.Single(odd.Fields));
        Assert.True(verdict.Body.GetProperty("intact").GetBoolean());
    }
}
