using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Approval.Core;

/// <summary>Whether a policy approves a plan, and why.</summary>
/// <param name="Approves">True only when the policy is enabled, every limit holds, and nothing forbids policies now.</param>
/// <param name="Verdict">"night moves: would approve", "night moves: no, 12 &gt; 5 moves", "no policy".</param>
/// <param name="Policy">Name of the policy that the verdict is of; empty without one.</param>
internal sealed record AutoApplyVerdict(bool Approves, string Verdict, string Policy = "");

/// <summary>What policies decide by. <paramref name="GainMinutes"/>: minutes over a limit that the plan saves.</summary>
internal sealed record PolicyFacts(string Kind, int Moves, long Bytes, double Confidence, double GainMinutes);

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

        if (policy.Window.Length > 0
            && (windows.FirstOrDefault(w => w.Name == policy.Window) is not { Enabled: true, Kind: WindowKind.Maintenance } window || WindowCalendar.Open(window, now) is null))
        {
            return $"outside the window {policy.Window}";
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
}
