using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Settings;

/// <summary>What an administrator may do with the settings.</summary>
internal sealed class SettingsDesk(SettingsStore settings, PlanMaker maker, PlanStore plans, ModelClock clock) : ISettingsDesk
{
    /// <inheritdoc/>
    public SettingsView Current()
    {
        var now = settings.Now;
        return new SettingsView(now.Version, EtagOf(now.Version), now.At, now.By, now.Reason, now.Values, SettingsCatalog.Describe(settings.Start.Values, now.Values));
    }

    /// <inheritdoc/>
    public async Task<SettingsPreview> PreviewAsync(SettingsValues values, CancellationToken cancellation)
    {
        var now = settings.Now;
        var problems = SettingsCatalog.Problems(values);
        if (problems.Count > 0)
        {
            return new SettingsPreview(problems, [], []);
        }

        var effects = new List<string>();
        var (scoring, planning) = (settings.Start.ScoringWith(values), settings.Start.PlanningWith(values));
        if (await maker.TryAsync(now.Scoring, now.Planning, now.Values.Constraints, cancellation) is { } before && await maker.TryAsync(scoring, planning, values.Constraints, cancellation) is { } after)
        {
            effects.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"A plan made now would have {after.Figures.Moves} moves ({before.Figures.Moves} with the settings in force) and leave {after.Figures.MinutesOverAfter + after.Figures.NodeMinutesOverAfter:0} of {after.Figures.MinutesOverBefore + after.Figures.NodeMinutesOverBefore:0} minutes over the limits."));
        }
        else
        {
            effects.Add("Nothing was measured yet, so the effect on plans cannot be told.");
        }

        var at = clock.GetUtcNow();
        effects.Add(WindowCalendar.Open(values.Windows, WindowKind.Freeze, at) is { } freeze ? $"Frozen now by {freeze.Rule.Name}, until {freeze.End:u}."
            : WindowCalendar.Next(values.Windows, at) is { } next ? $"The next window is {next.Span.Rule.Name}, from {next.Start:u} to {next.Span.End:u}."
            : "No maintenance window comes.");
        foreach (var policy in values.Policies.Where(p => p.Enabled && !now.Values.Policies.Contains(p)))
        {
            var dry = await DryRunAsync(policy, values.Windows, 30, cancellation);
            effects.Add($"Policy \"{policy.Name}\" would have approved {dry.WouldApprove} of {dry.Plans} plans of the last 30 days.");
        }

        return new SettingsPreview(problems, SettingsCatalog.Changes(now.Values, values), effects);
    }

    /// <inheritdoc/>
    public Task<Outcome> SaveAsync(SettingsValues values, string? etag, Actor by, string reason, CancellationToken cancellation) =>
        settings.ChangeAsync(now => Changed(now, etag) is { } refusal ? (null, refusal) : (values, null), by, reason, null, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SettingsVersion>> VersionsAsync(CancellationToken cancellation)
    {
        var all = await settings.VersionsAsync(cancellation);
        var undoes = await settings.UndoesAsync(cancellation);
        return [.. all.Zip(all.Skip(1), (v, before) => new SettingsVersion(
            v.Version, v.At!.Value, v.By, v.Reason, SettingsCatalog.Changes(before.Values, v.Values), undoes.GetValueOrDefault(v.Version), v.Values))];
    }

    /// <inheritdoc/>
    public async Task<Outcome> UndoAsync(long version, string? etag, Actor by, string reason, CancellationToken cancellation)
    {
        var all = await settings.VersionsAsync(cancellation);
        if (version < 1 || all.FirstOrDefault(v => v.Version == version) is not { } changed || all.FirstOrDefault(v => v.Version == version - 1) is not { } before)
        {
            return new Outcome("not-found", $"There is no settings version {version} that can be undone.");
        }

        return await settings.ChangeAsync(
            now => Changed(now, etag) is { } refusal ? (null, refusal)
                : SettingsJson.Undo(before.Values, changed.Values, now.Values) is { } values ? (values, null)
                : (null, new Outcome("conflict", $"A later version changed the same settings as version {version}. Undo that one first, or change them by hand.")),
            by, reason, version, cancellation);
    }

    /// <inheritdoc/>
    public Task<PolicyDryRun> DryRunAsync(AutoApplyPolicy policy, int days, CancellationToken cancellation) => DryRunAsync(policy, settings.Now.Values.Windows, days, cancellation);

    private async Task<PolicyDryRun> DryRunAsync(AutoApplyPolicy policy, IReadOnlyList<WindowRule> windows, int days, CancellationToken cancellation)
    {
        var since = clock.GetUtcNow().AddDays(-days);
        var past = (await plans.ListAsync(cancellation)).Where(p => p.Plan.MadeAt >= since && p.State != PlanState.NothingToDo).ToList();
        var verdicts = past.ConvertAll(p => (p.Id, Verdict: AutoApply.Decide(policy with { Enabled = true }, windows, p.Facts, p.Plan.MadeAt)));
        return new PolicyDryRun(past.Count, verdicts.Count(v => v.Verdict.Approves), [.. verdicts.Select(v => $"{v.Id[..4]} {v.Verdict.Verdict}")]);
    }

    private static string EtagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"settings-{version}\"");

    private static Outcome? Changed(SettingsSnapshot now, string? etag) => etag is null or "*" || etag == EtagOf(now.Version) ? null
        : new Outcome("changed", $"The settings have changed since they were looked at: version {now.Version} by {now.By} is in force. Look at them again.");
}
