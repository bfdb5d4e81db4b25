using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Security;

/// <summary>People who are disabled, removed, or choose a new password.</summary>
public sealed class PeopleTests : IDisposable
{
    private readonly TestDatabase database = new();
    private readonly FakeTimeProvider time = TestClock.Real();
    private readonly UserStore users;
    private readonly ApiKeyStore keys;

    public PeopleTests()
    {
        users = new UserStore(database, new SecurityOptions(), time);
        keys = new ApiKeyStore(database, time);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Who_is_disabled_is_signed_out_and_the_keys_stop_until_it_is_enabled_again()
    {
        await users.AddAsync("root", "a long password 1", Roles.Administrator, default);
        var ann = (await users.AddAsync("ann", "a long password 2", Roles.Operator, default))!;
        var (_, secret) = await keys.CreateAsync("ci", Roles.Operator, "ann", TimeSpan.FromDays(9), default);
        Assert.NotNull(await keys.FindAsync(secret, default));

        await users.ChangeAsync(ann.Id, null, null, default, disabled: true);
        keys.Forget();

        Assert.Null(await users.FindAsync(ann.Id, ann.Stamp, default));
        Assert.Null(await keys.FindAsync(secret, default));
        Assert.True((await users.VerifyAsync("ann", "a long password 2", default))!.Disabled);
        await users.ChangeAsync(ann.Id, null, null, default, disabled: false);
        Assert.NotNull(await keys.FindAsync(secret, default));
    }

    [Fact]
    public async Task Who_is_removed_takes_the_keys_along()
    {
        await users.AddAsync("root", "a long password 1", Roles.Administrator, default);
        var ann = (await users.AddAsync("ann", "a long password 2", Roles.Operator, default))!;
        await keys.CreateAsync("ci", Roles.Operator, "ann", TimeSpan.FromDays(9), default);
        await keys.CreateAsync("other", Roles.Operator, "root", TimeSpan.FromDays(9), default);

        Assert.NotNull((await users.RemoveAsync(ann.Id, default)).User);

        Assert.Equal(["other"], (await keys.ListAsync(default)).Select(k => k.Name));
    }

    [Fact]
    public async Task The_last_administrator_who_may_sign_in_stays()
    {
        var root = (await users.AddAsync("root", "a long password 1", Roles.Administrator, default))!;
        var second = (await users.AddAsync("second", "a long password 1", Roles.Administrator, default))!;
        Assert.NotNull((await users.ChangeAsync(second.Id, null, null, default, disabled: true)).User);

        Assert.Contains("last administrator", (await users.ChangeAsync(root.Id, null, null, default, disabled: true)).Refusal, StringComparison.Ordinal);
        Assert.NotNull((await users.RemoveAsync(root.Id, default)).Refusal);
        Assert.NotNull((await users.ChangeAsync(root.Id, Roles.Viewer, null, default)).Refusal);
        Assert.NotNull((await users.RemoveAsync(second.Id, default)).User);
    }

    [Fact]
    public async Task A_reset_link_works_once_within_its_time_and_ends_the_sessions()
    {
        var ann = (await users.AddAsync("ann", "a long password 2", Roles.Viewer, default))!;
        var first = (await users.MakeResetAsync(ann.Id, default))!.Value.Code;
        var code = (await users.MakeResetAsync(ann.Id, default))!.Value.Code;

        Assert.Null(await users.ResetAsync(first, "a newer password", default));
        Assert.NotNull(await users.ResetAsync(code, "a newer password", default));
        Assert.Null(await users.ResetAsync(code, "another password", default));
        Assert.NotNull(await users.VerifyAsync("ann", "a newer password", default));
        Assert.Null(await users.FindAsync(ann.Id, ann.Stamp, default));

        var late = (await users.MakeResetAsync(ann.Id, default))!.Value.Code;
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(await users.ResetAsync(late, "too late password", default));
        Assert.Null(await users.MakeResetAsync(99, default));
        await using var db = database.CreateDbContext();
        Assert.DoesNotContain(code, string.Join(' ', db.PasswordResets.Select(r => r.Hash)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_somebody_signed_in_is_remembered()
    {
        await users.AddAsync("ann", "a long password 2", Roles.Viewer, default);
        Assert.Null((await users.ListAsync(default))[0].SignedInAt);
        await users.VerifyAsync("ann", "wrong", default);
        Assert.Null((await users.ListAsync(default))[0].SignedInAt);
        await users.VerifyAsync("ann", "a long password 2", default);
        Assert.Equal(TestClock.Start, (await users.ListAsync(default))[0].SignedInAt);
    }
}
