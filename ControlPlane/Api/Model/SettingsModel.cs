using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Who asks: the name for the audit, and the person behind it. A key acts for the person who made it, so that nobody is two people.</summary>
/// <param name="Name">"ann", "key deploy", "planner".</param>
/// <param name="Person">"ann".</param>
internal readonly record struct Actor(string Name, string Person)
{
    /// <summary>A person, or a part of the control plane, that acts itself.</summary>
    public static implicit operator Actor(string name) => new(name, name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>When two people have to look at a plan. Persisted as words, append-only.</summary>
internal enum FourEyes
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>For every plan.</summary>
    Always,

    /// <summary>For plans above a number of moves or bytes.</summary>
    Large,
}

/// <summary>What a window does. Persisted as words, append-only.</summary>
internal enum WindowKind
{
    /// <summary>"Next window" schedules into it, and policies may be bound to it.</summary>
    Maintenance,

    /// <summary>Nothing begins in it: no plan, no move, no policy.</summary>
    Freeze,
}

/// <summary>A time that comes again on some days of the week. A window whose end is not after its start ends on the next day.</summary>
/// <param name="Name">1..64 characters, unique.</param>
/// <param name="Days">Days on which it begins; all where empty.</param>
/// <param name="From">Start on the zone's wall clock, "22:00".</param>
/// <param name="To">End, exclusive; equal to <paramref name="From"/> is a whole day.</param>
/// <param name="TimeZone">IANA name, "Europe/Berlin".</param>
/// <param name="FirstDay">It does not begin before this day; null: no bound.</param>
/// <param name="LastDay">It does not begin after this day; null: no bound.</param>
internal sealed record WindowRule(
    string Name, WindowKind Kind, bool Enabled, IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly To, string TimeZone, DateOnly? FirstDay = null, DateOnly? LastDay = null);

/// <summary>What an operator forbids every plan to do.</summary>
/// <param name="Name">1..64 characters, unique; plans name it as their reason.</param>
/// <param name="Kind">Pin and apart are about segments, exclude is about nodes.</param>
/// <param name="Enabled">Switched off it forbids nothing.</param>
/// <param name="Segments">Of a pin at least one, of apart at least two, at most 1024; what the map does not know counts for nothing.</param>
/// <param name="Nodes">Names of an exclude's nodes, at least one.</param>
/// <param name="Why">Up to 500 characters, for those who read it later.</param>
internal sealed record ConstraintRule(string Name, ConstraintKind Kind, bool Enabled, IReadOnlyList<int> Segments, IReadOnlyList<string> Nodes, string Why = "");

/// <summary>Everything that an administrator may change while the control plane runs. Persisted as JSON, append-only. Times are model time.</summary>
internal sealed record SettingsValues
{
    public double ThresholdMillicores { get; init; }

    public double ComfortZone { get; init; }

    public double Quantile { get; init; }

    public double HorizonHours { get; init; }

    public int PlanMaxMoves { get; init; }

    public long PlanMaxBytes { get; init; }

    public double MinGainMinutes { get; init; }

    public double Hysteresis { get; init; }

    public double CoolDownMinutes { get; init; }

    public double ReturnCoolDownMinutes { get; init; }

    public double ForecastTolerance { get; init; }

    public bool PlanAfterForecast { get; init; }

    public bool AutoApply { get; init; }

    public FourEyes FourEyes { get; init; }

    public int FourEyesAboveMoves { get; init; }

    public long FourEyesAboveBytes { get; init; }

    public int MovesPerNode { get; init; }

    public double BackOffP99Ms { get; init; }

    public double ExpireMinutes { get; init; }

    public IReadOnlyList<WindowRule> Windows { get; init; } = [];

    public IReadOnlyList<AutoApplyPolicy> Policies { get; init; } = [];

    public IReadOnlyList<ConstraintRule> Constraints { get; init; } = [];
}

/// <summary>One setting, for a form. Windows, policies and constraints are not fields.</summary>
/// <param name="Name">Name in <see cref="SettingsValues"/>, camelCase.</param>
/// <param name="Group">"Planning", "Approval", "Rollout".</param>
/// <param name="Kind">"number", "whole", "bytes", "ratio", "switch" or "word".</param>
/// <param name="Words">What a "word" may be.</param>
/// <param name="Default">What appsettings, environment and flags say, as text.</param>
/// <param name="Effect">What it changes, in a sentence.</param>
/// <param name="ChangedHere">True where a version of the settings says something else than <paramref name="Default"/>.</param>
internal sealed record SettingField(
    string Name, string Group, string Label, string Unit, string Kind, double Min, double Max, IReadOnlyList<string> Words, string Default, string Effect, bool ChangedHere);

/// <summary>The settings in force.</summary>
/// <param name="Version">0 until something was changed.</param>
/// <param name="Etag">A change quotes it (If-Match).</param>
internal sealed record SettingsView(long Version, string Etag, DateTimeOffset? At, string By, string Reason, SettingsValues Values, IReadOnlyList<SettingField> Fields);

/// <summary>What a change would do.</summary>
/// <param name="Problems">Per field what is wrong with it; nothing can be saved until it is empty.</param>
/// <param name="Changes">"thresholdMillicores: 250 → 200".</param>
/// <param name="Effects">What follows, in sentences with figures of the present forecast and of past plans.</param>
internal sealed record SettingsPreview(IReadOnlyDictionary<string, string[]> Problems, IReadOnlyList<string> Changes, IReadOnlyList<string> Effects);

/// <summary>One version of the settings, the newest first in lists.</summary>
/// <param name="Undoes">The version whose change this one took back; null for an ordinary change.</param>
internal sealed record SettingsVersion(long Version, DateTimeOffset At, string By, string Reason, IReadOnlyList<string> Changes, long? Undoes, SettingsValues Values);

/// <summary>The settings and their versions.</summary>
internal interface ISettingsDesk
{
    /// <summary>The settings in force.</summary>
    SettingsView Current();

    /// <summary>What <paramref name="values"/> would change; changes nothing.</summary>
    Task<SettingsPreview> PreviewAsync(SettingsValues values, CancellationToken cancellation);

    /// <summary>Puts the values in force as a new version; refused with "invalid", or "changed" where <paramref name="etag"/> is no longer the newest. Id is the version.</summary>
    Task<Outcome> SaveAsync(SettingsValues values, string? etag, Actor by, string reason, CancellationToken cancellation);

    /// <summary>Versions, the newest first.</summary>
    Task<IReadOnlyList<SettingsVersion>> VersionsAsync(CancellationToken cancellation);

    /// <summary>Takes one version's change back: a new version in which what that one changed is as before it. "conflict" where a later version changed the same again.</summary>
    Task<Outcome> UndoAsync(long version, string? etag, Actor by, string reason, CancellationToken cancellation);

    /// <summary>How a policy would have decided on the plans of the last <paramref name="days"/> model days.</summary>
    Task<PolicyDryRun> DryRunAsync(AutoApplyPolicy policy, int days, CancellationToken cancellation);
}

/// <summary>A policy against the past.</summary>
internal sealed record PolicyDryRun(int Plans, int WouldApprove, IReadOnlyList<string> Verdicts);
