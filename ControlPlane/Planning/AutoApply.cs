using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Whether a policy approves a plan, and why.</summary>
/// <param name="Approves">True only when the policy is enabled and every limit holds.</param>
/// <param name="Verdict">"night moves: would approve", "night moves: no, 12 &gt; 5 moves", "no policy".</param>
internal sealed record AutoApplyVerdict(bool Approves, string Verdict);

/// <summary>The decision of auto-apply policies over a plan's figures.</summary>
internal static class AutoApply
{
    /// <summary>The verdict of the first policy that approves, else of the first enabled one, else of the first.</summary>
    public static AutoApplyVerdict Decide(IReadOnlyList<AutoApplyPolicy> policies, PlanFigures figures)
    {
        AutoApplyVerdict? first = null;
        AutoApplyVerdict? enabled = null;
        foreach (var policy in policies)
        {
            var verdict = Decide(policy, figures);
            if (verdict.Approves)
            {
                return verdict;
            }

            first ??= verdict;
            enabled ??= policy.Enabled ? verdict : null;
        }

        return enabled ?? first ?? new AutoApplyVerdict(false, "no policy");
    }

    /// <summary>The verdict of one policy.</summary>
    public static AutoApplyVerdict Decide(AutoApplyPolicy policy, PlanFigures figures)
    {
        var no = WhyNot(policy, figures);
        if (no is not null)
        {
            return new AutoApplyVerdict(false, $"{policy.Name}: no, {no}");
        }

        return policy.Enabled
            ? new AutoApplyVerdict(true, $"{policy.Name}: approves")
            : new AutoApplyVerdict(false, $"{policy.Name}: would approve, but is off");
    }

    private static string? WhyNot(AutoApplyPolicy policy, PlanFigures figures)
    {
        var c = CultureInfo.InvariantCulture;
        if (figures.Moves == 0)
        {
            return "nothing moves";
        }

        if (figures.Moves > policy.MaxMoves)
        {
            return string.Create(c, $"{figures.Moves} > {policy.MaxMoves} moves");
        }

        if (figures.Bytes > policy.MaxBytes)
        {
            return string.Create(c, $"{Words.Bytes(figures.Bytes)} > {Words.Bytes(policy.MaxBytes)}");
        }

        // Written so that NaN refuses.
        if (!(figures.Confidence >= policy.MinConfidence))
        {
            return string.Create(c, $"confidence {figures.Confidence:0.00} < {policy.MinConfidence:0.00}");
        }

        return figures.GainMinutes >= policy.MinGainMinutes
            ? null
            : string.Create(c, $"gain {figures.GainMinutes:0} < {policy.MinGainMinutes:0} minutes");
    }
}
