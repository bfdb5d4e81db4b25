using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Security;

public sealed class ApiKeyStoreTests : IDisposable
{
    private readonly TestDatabase database = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider time = TestClock.Real();
    private readonly ApiKeyStore keys;

    public ApiKeyStoreTests() => keys = new ApiKeyStore(database, time);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_key_is_found_by_its_secret_only_and_the_secret_is_not_kept()
    {
        var (key, secret) = await keys.CreateAsync("ci", Roles.Operator, "ann", TimeSpan.FromDays(1), default);

        Assert.Equal((key.Id, "ci", Roles.Operator), await NameAsync(secret));
        Assert.Null(await keys.FindAsync(secret[..^1] + (secret[^1] == '0' ? '1' : '0'), default));
        Assert.Null(await keys.FindAsync("sck_", default));
        await using var db = database.CreateDbContext();
        Assert.DoesNotContain(secret[4..], db.ApiKeys.Single().Hash, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_does_not_work_any_more()
    {
        var (_, secret) = await keys.CreateAsync("ci", Roles.Viewer, "ann", TimeSpan.FromDays(1), default);
        Assert.NotNull(await keys.FindAsync(secret, default));

        time.Advance(TimeSpan.FromDays(1));

        Assert.Null(await keys.FindAsync(secret, default));
    }

    [Fact]
    public async Task A_revoked_key_does_not_work_any_more_although_it_was_just_used()
    {
        var (key, secret) = await keys.CreateAsync("ci", Roles.Viewer, "ann", TimeSpan.FromDays(1), default);
        Assert.NotNull(await keys.FindAsync(secret, default));

        Assert.True(await keys.RevokeAsync(key.Id, default));

        Assert.Null(await keys.FindAsync(secret, default));
        Assert.False(await keys.RevokeAsync(key.Id, default));
    }

    [Theory]
    [InlineData(Roles.Viewer, new[] { Roles.Viewer, Roles.Operator, Roles.Administrator })]
    [InlineData(Roles.Operator, new[] { Roles.Operator, Roles.Administrator })]
    [InlineData(Roles.Administrator, new[] { Roles.Administrator })]
    public void Each_role_may_do_what_the_ones_before_it_may(string needed, string[] allowed) => Assert.Equal(allowed, Roles.AtLeast(needed));

    private async Task<(long, string, string)?> NameAsync(string secret) => await keys.FindAsync(secret, default) is { } k ? (k.Id, k.Name, k.Role) : null;
}
