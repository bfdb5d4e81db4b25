using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class UserEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Path = "/api/v1/users";

    [Fact]
    public async Task A_person_is_added_changed_and_removed_and_the_audit_tells_no_password()
    {
        await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"root","password":"a long password 1","role":"administrator"}""");
        var added = await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"ann","password":"a long password 2","role":"viewer"}""");
        var again = await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"ann","password":"a long password 2","role":"viewer"}""");
        var id = added.Body.GetProperty("id").GetInt64();
        var changed = await server.SendAsync("PATCH", $"{Path}/{id}", Roles.Administrator, """{"role":"operator","password":"a long password 3"}""");
        var removed = await server.SendAsync("DELETE", $"{Path}/{id}", Roles.Administrator);
        var gone = await server.SendAsync("DELETE", $"{Path}/{id}", Roles.Administrator);

        Assert.Equal((201, 409, 200, 204, 404), (added.Status, again.Status, changed.Status, removed.Status, gone.Status));
        Assert.Equal("operator", changed.Body.GetProperty("role").GetString());
        Assert.False(added.Body.TryGetProperty("passwordHash", out _));
        var rows = await server.World.Audit.ListAsync(0, 10, default);
        Assert.Equal(["user-removed", "user-changed", "user-added"], rows.Where(r => r.Subject == "ann").Select(r => r.Action));
        Assert.DoesNotContain(rows, r => r.Detail.Contains("long password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        await using var alone = new ApiServer();
        await alone.InitializeAsync();
        var only = await alone.SendAsync("POST", Path, Roles.Administrator, """{"name":"root","password":"a long password 1","role":"administrator"}""");
        var id = only.Body.GetProperty("id").GetInt64();

        Assert.Equal("conflict", (await alone.SendAsync("DELETE", $"{Path}/{id}", Roles.Administrator)).Code);
        Assert.Equal("conflict", (await alone.SendAsync("PATCH", $"{Path}/{id}", Roles.Administrator, """{"role":"viewer"}""")).Code);
        Assert.Equal(200, (await alone.SendAsync("PATCH", $"{Path}/{id}", Roles.Administrator, """{"password":"a long password 9"}""")).Status);
        await alone.SendAsync("POST", Path, Roles.Administrator, """{"name":"second","password":"a long password 1","role":"administrator"}""");
        Assert.Equal(204, (await alone.SendAsync("DELETE", $"{Path}/{id}", Roles.Administrator)).Status);
    }

    [Fact]
    public async Task What_is_wrong_is_named_by_field()
    {
        var added = await server.SendAsync("POST", Path, Roles.Administrator, """{"name":"","password":"short","role":"king"}""");
        var changed = await server.SendAsync("PATCH", $"{Path}/1", Roles.Administrator, "{}");

        Assert.Equal((400, "name password role"), (added.Status, string.Join(' ', added.Fields.Order(StringComparer.Ordinal))));
        Assert.Equal((400, "role"), (changed.Status, string.Join(' ', changed.Fields)));
    }

    [Fact]
    public async Task A_person_is_disabled_and_chooses_a_new_password_by_a_link_that_no_audit_tells()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        await own.SendAsync("POST", Path, Roles.Administrator, """{"name":"root","password":"a long password 1","role":"administrator"}""");
        var id = (await own.SendAsync("POST", Path, Roles.Administrator, """{"name":"ann","password":"a long password 2","role":"viewer"}""")).Body.GetProperty("id").GetInt64();
        var made = await own.SendAsync("POST", $"{Path}/{id}/password-reset", Roles.Administrator, "{}");
        var code = made.Body.GetProperty("code").GetString();
        Assert.Equal((201, $"/reset?code={code}"), (made.Status, made.Body.GetProperty("link").GetString()));

        Assert.Equal(["password"], (await own.SendAsync("POST", "/api/v1/password-reset", null, $$"""{"code":"{{code}}","password":"short"}""")).Fields);
        Assert.Equal(204, (await own.SendAsync("POST", "/api/v1/password-reset", null, $$"""{"code":"{{code}}","password":"a long password 3"}""")).Status);
        Assert.Equal("reset-code", (await own.SendAsync("POST", "/api/v1/password-reset", null, $$"""{"code":"{{code}}","password":"a long password 4"}""")).Code);
        Assert.Equal(200, (await own.SendAsync("POST", "/api/v1/session", null, """{"name":"ann","password":"a long password 3"}""")).Status);

        Assert.True((await own.SendAsync("PATCH", $"{Path}/{id}", Roles.Administrator, """{"disabled":true}""")).Body.GetProperty("disabled").GetBoolean());
        Assert.Equal((403, "disabled"), await own.SendAsync("POST", "/api/v1/session", null, """{"name":"ann","password":"a long password 3"}""") is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(404, (await own.SendAsync("POST", $"{Path}/99/password-reset", Roles.Administrator, "{}")).Status);
        var rows = await own.World.Audit.ListAsync(0, 20, default);
        Assert.Contains(rows, r => r is { Action: "password-reset-made", Subject: "ann" });
        Assert.DoesNotContain(rows, r => r.Detail.Contains(code!, StringComparison.Ordinal));
    }
}
