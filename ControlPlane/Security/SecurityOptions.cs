namespace ShardConsole.ControlPlane.Security;

/// <summary>Limits of signing in. Real time.</summary>
internal sealed class SecurityOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Security";

    /// <summary>How long the one-time link of a first start works, minutes, 1..1440.</summary>
    public int SetupLinkMinutes { get; set; } = 60;

    /// <summary>How long a link for a new password works, minutes, 1..10080.</summary>
    public int ResetLinkMinutes { get; set; } = 60;

    /// <summary>Wrong passwords for one name before it is locked, 1..100.</summary>
    public int MaxFailures { get; set; } = 5;

    /// <summary>How long a name stays locked, minutes, 1..1440.</summary>
    public int LockMinutes { get; set; } = 15;

    /// <summary>How long a session lasts without use, hours, 1..720.</summary>
    public int SessionHours { get; set; } = 12;

    /// <summary>Shortest password, characters, 8..128.</summary>
    public int MinPasswordLength { get; set; } = 10;

    /// <summary>Names whose failures are remembered at once; the oldest is forgotten first.</summary>
    public int MaxRememberedNames { get; set; } = 10_000;

    /// <summary>Longest life of a new API key, days.</summary>
    public int MaxKeyDays { get; set; } = 365;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (SetupLinkMinutes is < 1 or > 1440)
        {
            yield return $"Security:SetupLinkMinutes {SetupLinkMinutes} is outside 1..1440.";
        }

        if (ResetLinkMinutes is < 1 or > 10_080)
        {
            yield return $"Security:ResetLinkMinutes {ResetLinkMinutes} is outside 1..10080.";
        }

        if (MaxFailures is < 1 or > 100)
        {
            yield return $"Security:MaxFailures {MaxFailures} is outside 1..100.";
        }

        if (LockMinutes is < 1 or > 1440)
        {
            yield return $"Security:LockMinutes {LockMinutes} is outside 1..1440.";
        }

        if (SessionHours is < 1 or > 720)
        {
            yield return $"Security:SessionHours {SessionHours} is outside 1..720.";
        }

        if (MinPasswordLength is < 8 or > 128)
        {
            yield return $"Security:MinPasswordLength {MinPasswordLength} is outside 8..128.";
        }
    }
}
