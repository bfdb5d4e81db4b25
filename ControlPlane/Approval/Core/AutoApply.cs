using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval.Core;

/// <summary>Whether a policy approves a plan, and why.</summary>
/// <param name="Approves">True only when the policy is enabled, every limit holds, and nothing forbids policies now.</param>
/// <param name="Verdict">"night moves: would approve", "night moves: no, 12 &gt; 5 moves", "no policy".</param>
/// <param name="Policy">Name of the policy that the verdict is of; empty without one.</param>
internal sealed record AutoApplyVerdict(bool Approves, string Verdict, string Policy = "");

/// <summary>What policies decide by.</summary>
/// <param name="Moves">Moves and transfers of leadership.</param>
/// <param name="GainMinutes">Minutes over a limit that the plan saves.</param>
internal sealed record PolicyFacts(string Kind, int Moves, long Bytes, double Confidence, double GainMinutes)
{
    /// <summary>Those of a result without a plan.</summary>
    public static readonly PolicyFacts Nothing = new("none", 0, 0, 0, 0);

    /// <summary>Kinds of action, of <see cref="PlanActions"/>.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>When the plan begins what, where it is carried out in its own time: the number of the action, and its start; null: as soon as it is approved.</summary>
    public IReadOnlyList<(int Number, DateTimeOffset? At)> Starts { get; init; } = [];

    /// <summary>The facts of a plan.</summary>
    public static PolicyFacts Of(Plan plan, long bytes, double confidence, double gainMinutes) => new(plan.Kind, plan.ActionCount, bytes, confidence, gainMinutes)
    {
        Actions = PlanActions.Of(plan),
        Starts = [.. plan.Transfers.Select(t => (t.Number, (DateTimeOffset?)null)), .. plan.Moves.Select(m => (m.Number, m.StartAt))],
    };
}

/// <summary>The decision of auto-apply policies, and of the rule of four eyes, over a plan. Times are model time.</summary>
internal static class AutoApply
{
    /// <summary>The verdict of the first policy that approves, else of the first enabled one, else of the first. A freeze, the switch for all policies, and four eyes go before.</summary>
    public static AutoApplyVerdict Decide(SettingsValues settings, PolicyFacts facts, DateTimeOffset now)
    {
        if (!settings.AutoApply && settings.Policies.Count > 0)
        {
            return new AutoApplyVerdict(false, "policies are off");
        }

        if (WindowCalendar.Open(settings.Windows, WindowKind.Freeze, now) is { } freeze)
        {
            return new AutoApplyVerdict(false, $"no, frozen by {freeze.Rule.Name} until {freeze.End:u}");
        }

        foreach (var (number, start) in facts.Starts.Where(s => s.At > now))
        {
            if (WindowCalendar.Open(settings.Windows, WindowKind.Freeze, start!.Value) is { } later)
            {
                return new AutoApplyVerdict(false, $"no, move {number} would begin at {start:u}, frozen by {later.Rule.Name}");
            }
        }

        if (WhyFourEyes(settings, facts) is { } why)
        {
            return new AutoApplyVerdict(false, $"no, two people are needed: {why}");
        }

        var verdicts = settings.Policies.Select(p => (Policy: p, Verdict: Decide(p, settings.Windows, facts, now))).ToList();
        return verdicts.Find(v => v.Verdict.Approves).Verdict ?? verdicts.Find(v => v.Policy.Enabled).Verdict ?? verdicts.FirstOrDefault().Verdict
            ?? new AutoApplyVerdict(false, "no policy");
    }

    /// <summary>The verdict of one policy.</summary>
    public static AutoApplyVerdict Decide(AutoApplyPolicy policy, IReadOnlyList<WindowRule> windows, PolicyFacts facts, DateTimeOffset now) =>
        WhyNot(policy, windows, facts, now) is { } no ? new AutoApplyVerdict(false, $"{policy.Name}: no, {no}", policy.Name)
        : policy.Enabled ? new AutoApplyVerdict(true, $"{policy.Name}: approves", policy.Name)
        : new AutoApplyVerdict(false, $"{policy.Name}: would approve, but is off", policy.Name);

    /// <summary>Why a plan needs two people; null where one is enough.</summary>
    public static string? WhyFourEyes(SettingsValues settings, PolicyFacts facts) => settings.FourEyes switch
    {
        FourEyes.Always => "every plan",
        FourEyes.Large when facts.Moves > settings.FourEyesAboveMoves => $"{facts.Moves} > {settings.FourEyesAboveMoves} moves",
        FourEyes.Large when facts.Bytes > settings.FourEyesAboveBytes => $"{Words.Bytes(facts.Bytes)} > {Words.Bytes(settings.FourEyesAboveBytes)}",
        _ => null,
    };

    private static string? WhyNot(AutoApplyPolicy policy, IReadOnlyList<WindowRule> windows, PolicyFacts facts, DateTimeOffset now)
    {
        var c = CultureInfo.InvariantCulture;
        if (facts.Moves == 0)
        {
            return "nothing moves";
        }

        if (policy.Kinds is { Count: > 0 } kinds && !kinds.Contains(facts.Kind))
        {
            return $"kind {facts.Kind} is not {string.Join(" or ", kinds)}";
        }

        if (policy.Actions is { Count: > 0 } actions && facts.Actions.FirstOrDefault(a => !actions.Contains(a)) is { } other)
        {
            return $"a {other} is no {string.Join(" or ", actions)}";
        }

        if (policy.Window.Length > 0 && WhyOutside(policy.Window, windows, facts, now) is { } outside)
        {
            return outside;
        }

        if (facts.Moves > policy.MaxMoves)
        {
            return string.Create(c, $"{facts.Moves} > {policy.MaxMoves} moves");
        }

        if (facts.Bytes > policy.MaxBytes)
        {
            return string.Create(c, $"{Words.Bytes(facts.Bytes)} > {Words.Bytes(policy.MaxBytes)}");
        }

        // Written so that NaN refuses.
        if (!(facts.Confidence >= policy.MinConfidence))
        {
            return string.Create(c, $"confidence {facts.Confidence:0.00} < {policy.MinConfidence:0.00}");
        }

        return facts.GainMinutes >= policy.MinGainMinutes
            ? null
            : string.Create(c, $"gain {facts.GainMinutes:0} < {policy.MinGainMinutes:0} minutes");
    }

    // A plan that a policy approves is carried out in its own time, so what counts is when its moves begin, not when it is looked at.
    private static string? WhyOutside(string name, IReadOnlyList<WindowRule> windows, PolicyFacts facts, DateTimeOffset now)
    {
        var window = windows.FirstOrDefault(w => w.Name == name) is { Enabled: true, Kind: WindowKind.Maintenance } found ? found : null;
        bool IsOpen(DateTimeOffset at) => window is not null && WindowCalendar.Open(window, at) is not null;
        var starts = facts.Starts.Select(s => (s.Number, At: s.At > now ? s.At.Value : now)).ToList();
        if (starts.Count == 0 || starts.TrueForAll(s => s.At == now))
        {
            return IsOpen(now) ? null : $"outside the window {name}";
        }

        return starts.Find(s => !IsOpen(s.At)) is { Number: > 0 } late ? $"move {late.Number} would begin at {late.At:u}, outside the window {name}" : null;
    }
}
