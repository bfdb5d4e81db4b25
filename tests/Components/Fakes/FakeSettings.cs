using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.Components.Fakes;

/// <summary>Settings of one version that remember what was saved.</summary>
internal sealed class FakeSettings : ISettingsDesk
{
    private static readonly SettingsValues Start = new()
    {
        ThresholdMillicores = 2800, ComfortZone = 0.7, Quantile = 0.9, HorizonHours = 24, PlanMaxMoves = 64, PlanMaxBytes = 4_000_000_000, ForecastTolerance = 0.35, FourEyesAboveMoves = 20, FourEyesAboveBytes = 10_000_000_000,
        MovesPerNode = 2, ExpireMinutes = 60, AutoApply = true, Policies = [new AutoApplyPolicy("night moves", false, 5, 1_000_000_000, 0.9, 10)],
    };

    public SettingsValues Values { get; private set; } = Start;

    public List<string> Asked { get; } = [];

    public SettingsView Current() => new(3, "\"3\"", null, "ops-1", "", Values, SettingsCatalog.Describe(Start, Values));

    public Task<SettingsPreview> PreviewAsync(SettingsValues values, CancellationToken cancellation) =>
        Task.FromResult(new SettingsPreview(SettingsCatalog.Problems(values), SettingsCatalog.Changes(Values, values), ["2 more shards pass the threshold in the next 24 h."]));

    public Task<Outcome> SaveAsync(SettingsValues values, string? etag, Actor by, string reason, CancellationToken cancellation)
    {
        Asked.Add($"save {etag} by {by}: {reason}");
        Values = values;
        return Task.FromResult(new Outcome(null, "", "4"));
    }

    public Task<IReadOnlyList<SettingsVersion>> VersionsAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SettingsVersion>>([new SettingsVersion(3, DateTimeOffset.UnixEpoch, "ops-2", "sale", ["comfortZone: 0.75 → 0.7"], null, Start)]);

    public Task<Outcome> UndoAsync(long version, string? etag, Actor by, string reason, CancellationToken cancellation)
    {
        Asked.Add($"undo {version} {etag} by {by}");
        return Task.FromResult(new Outcome(null, "", "4"));
    }

    public Task<PolicyDryRun> DryRunAsync(AutoApplyPolicy policy, int days, CancellationToken cancellation) => Task.FromResult(new PolicyDryRun(14, policy.MaxMoves > 5 ? 9 : 5, []));
}
