namespace ShardConsole.ControlPlane.Api;

/// <summary>Limits of REST and of the public hub. Real time. Section "Api".</summary>
internal sealed class ApiOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Api";

    /// <summary>Requests a second that one signed-in caller may make on and on, 1..100000.</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Requests that one signed-in caller may make at once, 1..100000.</summary>
    public int RequestBurst { get; set; } = 500;

    /// <summary>Requests a second from one address that is not signed in, 1..100000; signing in counts as such.</summary>
    public int AnonymousPerSecond { get; set; } = 5;

    /// <summary>Requests at once from one address that is not signed in, 1..100000.</summary>
    public int AnonymousBurst { get; set; } = 50;

    /// <summary>Rows of a page where the caller names no limit, 1..10000.</summary>
    public int PageRows { get; set; } = 100;

    /// <summary>Most rows of a page, 1..10000.</summary>
    public int MaxPageRows { get; set; } = 1024;

    /// <summary>Most columns of measured load in one answer, 1..10000.</summary>
    public int MaxColumns { get; set; } = 720;

    /// <summary>Largest JSON body, bytes, 1024..16777216. Query logs have their own limit.</summary>
    public int MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>Answers that are remembered under their Idempotency-Key, 1..1000000; the oldest is forgotten first.</summary>
    public int MaxIdempotencyKeys { get; set; } = 10_000;

    /// <summary>How long an answer is remembered under its Idempotency-Key, hours, 1..720.</summary>
    public int IdempotencyHours { get; set; } = 24;

    /// <summary>Operations that may run at once, 1..100; forecasts and plans that are asked for with "Prefer: respond-async".</summary>
    public int MaxRunningOperations { get; set; } = 8;

    /// <summary>Ended operations that are remembered, 1..10000; the oldest is forgotten first.</summary>
    public int MaxKeptOperations { get; set; } = 200;

    /// <summary>Shortest time between two pushes of the hub, milliseconds, 50..60000.</summary>
    public int PushMs { get; set; } = 250;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value, min, max) in new[]
        {
            (nameof(RequestsPerSecond), RequestsPerSecond, 1, 100_000), (nameof(RequestBurst), RequestBurst, 1, 100_000),
            (nameof(AnonymousPerSecond), AnonymousPerSecond, 1, 100_000), (nameof(AnonymousBurst), AnonymousBurst, 1, 100_000),
            (nameof(PageRows), PageRows, 1, MaxPageRows), (nameof(MaxPageRows), MaxPageRows, 1, 10_000), (nameof(MaxColumns), MaxColumns, 1, 10_000),
            (nameof(MaxBodyBytes), MaxBodyBytes, 1024, 1 << 24), (nameof(MaxIdempotencyKeys), MaxIdempotencyKeys, 1, 1_000_000),
            (nameof(IdempotencyHours), IdempotencyHours, 1, 720), (nameof(PushMs), PushMs, 50, 60_000),
            (nameof(MaxRunningOperations), MaxRunningOperations, 1, 100), (nameof(MaxKeptOperations), MaxKeptOperations, 1, 10_000),
        })
        {
            if (value < min || value > max)
            {
                yield return $"Api:{name} {value} is outside {min}..{max}.";
            }
        }
    }
}
