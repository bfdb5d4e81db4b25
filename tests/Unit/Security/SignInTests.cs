using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Security;

public sealed class SignInTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly TestDatabase database = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider time = TestClock.Real();
    private readonly SecurityOptions options = new() { MaxFailures = 3, LockMinutes = 15 };
    private readonly SetupCode code = new(TestClock.Start.AddMinutes(60));
    private readonly UserStore users;
    private readonly Enrolment enrolment;

    public SignInTests()
    {
        users = new UserStore(database, options, time);
        enrolment = new Enrolment(users, new SignInThrottle(options), code, new AuditTrail(database, time), time);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task The_one_time_code_creates_one_administrator_and_no_second()
    {
        var (user, error, _) = await enrolment.SetupAsync(code.Text, "ann", Password, default);
        Assert.Equal(("ann", Roles.Administrator, ""), (user!.Name, user.Role, error));

        Assert.Equal("done", (await enrolment.SetupAsync(code.Text, "bob", Password, default)).Error);
        Assert.Equal(["ann"], (await users.ListAsync(default)).Select(u => u.Name));
    }

    [Fact]
    public async Task A_wrong_or_old_code_creates_nobody()
    {
        Assert.Equal("code", (await enrolment.SetupAsync(new string('0', 32), "ann", Password, default)).Error);
        Assert.Equal("code", (await enrolment.SetupAsync(null, "ann", Password, default)).Error);
        time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal("code", (await enrolment.SetupAsync(code.Text, "ann", Password, default)).Error);
        Assert.False(await users.AnyAsync(default));
    }

    [Fact]
    public async Task A_refused_password_does_not_use_the_code_up()
    {
        Assert.Equal("invalid", (await enrolment.SetupAsync(code.Text, "ann", "short", default)).Error);
        Assert.Equal("", (await enrolment.SetupAsync(code.Text, "ann", Password, default)).Error);
    }

    [Fact]
    public void A_code_is_used_once()
    {
        Assert.True(code.TryUse());
        Assert.False(code.TryUse());
        Assert.False(code.IsValid(code.Text, TestClock.Start));
    }

    [Fact]
    public async Task A_name_is_locked_after_too_many_wrong_passwords_also_for_the_right_one()
    {
        await enrolment.SetupAsync(code.Text, "ann", Password, default);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("wrong", (await enrolment.SignInAsync("ann", "wrong", default)).Error);
        }

        Assert.Equal("locked", (await enrolment.SignInAsync("ANN", Password, default)).Error);
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("ann", (await enrolment.SignInAsync("ann", Password, default)).User?.Name);
    }

    [Fact]
    public async Task A_right_password_begins_the_count_anew()
    {
        await enrolment.SetupAsync(code.Text, "ann", Password, default);
        string[] tries = ["wrong", "wrong", Password, "wrong", "wrong", Password];
        var errors = new List<string>();
        foreach (var password in tries)
        {
            errors.Add((await enrolment.SignInAsync("ann", password, default)).Error);
        }

        Assert.Equal(["wrong", "wrong", "", "wrong", "wrong", ""], errors);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_wrong_like_a_password() =>
        Assert.Equal("wrong", (await enrolment.SignInAsync("nobody", Password, default)).Error);

    [Fact]
    public void The_throttle_forgets_the_oldest_name_beyond_its_limit()
    {
        var throttle = new SignInThrottle(new SecurityOptions { MaxFailures = 1, MaxRememberedNames = 2 });
        throttle.Failed("a", TestClock.Start);
        throttle.Failed("b", TestClock.Start.AddSeconds(1));
        throttle.Failed("c", TestClock.Start.AddSeconds(2));

        Assert.Equal([false, true, true], new[] { "a", "b", "c" }.Select(n => throttle.LockedUntil(n, TestClock.Start.AddSeconds(3)) is not null));
    }
}
