namespace ShardConsole.ControlPlane.Security;

/// <summary>Locks a name for a while after too many wrong passwords. Safe for concurrent use.</summary>
internal sealed class SignInThrottle(SecurityOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Last)> failures = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Until when the name is locked; null when it is not.</summary>
    public DateTimeOffset? LockedUntil(string name, DateTimeOffset now)
    {
        lock (gate)
        {
            return failures.TryGetValue(name, out var f) && f.Failures >= options.MaxFailures && f.Last.AddMinutes(options.LockMinutes) > now
                ? f.Last.AddMinutes(options.LockMinutes)
                : null;
        }
    }

    /// <summary>A wrong password.</summary>
    public void Failed(string name, DateTimeOffset now)
    {
        lock (gate)
        {
            var before = failures.GetValueOrDefault(name);
            var count = before.Last.AddMinutes(options.LockMinutes) > now ? before.Failures : 0;
            if (failures.Count >= options.MaxRememberedNames && !failures.ContainsKey(name))
            {
                failures.Remove(failures.MinBy(f => f.Value.Last).Key);
            }

            failures[name] = (count + 1, now);
        }
    }

    /// <summary>A right password: the count begins anew.</summary>
    public void Succeeded(string name)
    {
        lock (gate)
        {
            failures.Remove(name);
        }
    }
}
