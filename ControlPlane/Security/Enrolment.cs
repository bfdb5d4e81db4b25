namespace ShardConsole.ControlPlane.Security;

/// <summary>What signing in and the first set-up decide. Errors are words for programs: "code", "done", "invalid", "wrong", "locked", "disabled".</summary>
internal sealed class Enrolment(UserStore users, SignInThrottle throttle, SetupCode setup, AuditTrail audit, TimeProvider time)
{
    private readonly SemaphoreSlim oneSetup = new(1, 1);

    /// <inheritdoc cref="UserStore.Problems"/>
    public IReadOnlyDictionary<string, string[]> Problems(string? name, string? password) => users.Problems(name, password);

    /// <summary>Creates the first administrator, once.</summary>
    public async Task<(User? User, string Error, string Detail)> SetupAsync(string? code, string? name, string? password, CancellationToken cancellation)
    {
        await oneSetup.WaitAsync(cancellation);
        try
        {
            if (await users.AnyAsync(cancellation))
            {
                return (null, "done", "There is an administrator already. Sign in, or ask that person for a user of your own.");
            }

            if (!setup.IsValid(code, time.GetUtcNow()))
            {
                return (null, "code", "The one-time code is wrong, used or older than its time. Restart the control plane: it prints a new link.");
            }

            if (users.Problems(name, password).Count > 0)
            {
                return (null, "invalid", "Name or password cannot be used.");
            }

            if (!setup.TryUse())
            {
                return (null, "code", "The one-time code was used.");
            }

            if (await users.AddAsync(name!, password!, Roles.Administrator, cancellation) is not { } user)
            {
                setup.GiveBack();
                return (null, "invalid", "The name is taken.");
            }

            await audit.AddAsync(user.Name, "administrator-created", user.Name, "by the one-time link", cancellation);
            return (user, "", "");
        }
        finally
        {
            oneSetup.Release();
        }
    }

    /// <summary>Checks a password.</summary>
    public async Task<(User? User, string Error, string Detail)> SignInAsync(string? name, string? password, CancellationToken cancellation)
    {
        name = name?.Trim() ?? "";
        if (name.Length is 0 or > 64 || password is null || password.Length > 256)
        {
            return (null, "wrong", "Name or password is wrong.");
        }

        var now = time.GetUtcNow();
        if (throttle.LockedUntil(name, now) is { } until)
        {
            return (null, "locked", $"Too many tries. Again at {until:HH:mm} UTC.");
        }

        if (await users.VerifyAsync(name, password, cancellation) is not { } user)
        {
            throttle.Failed(name, now);
            await audit.AddAsync(name, "sign-in-failed", name, "wrong name or password", cancellation);
            return (null, "wrong", "Name or password is wrong.");
        }

        throttle.Succeeded(name);
        if (user.Disabled)
        {
            await audit.AddAsync(name, "sign-in-failed", name, "disabled", cancellation);
            return (null, "disabled", $"{user.Name} is disabled. Ask an administrator.");
        }

        await audit.AddAsync(user.Name, "signed-in", user.Name, user.Role, cancellation);
        return (user, "", "");
    }

    /// <summary>Sets a password by the code of a link.</summary>
    public async Task<(User? User, string Error, string Detail)> ResetAsync(string? code, string? password, CancellationToken cancellation)
    {
        if (users.Problems("name", password).TryGetValue("password", out var weak))
        {
            return (null, "password", weak[0]);
        }

        if (await users.ResetAsync(code ?? "", password!, cancellation) is not { } user)
        {
            return (null, "code", "The link is wrong, used or over. Ask an administrator for a new one.");
        }

        throttle.Succeeded(user.Name);
        await audit.AddAsync(user.Name, "password-reset", user.Name, "by the link", cancellation);
        return (user, "", "");
    }
}
