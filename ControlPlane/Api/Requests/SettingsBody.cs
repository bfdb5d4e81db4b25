using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>Settings to change; what is left out stays. Windows, policies and constraints are replaced as whole lists.</summary>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
internal sealed record SettingsBody(
    double? ThresholdMillicores, double? ComfortZone, double? Quantile, double? HorizonHours, int? PlanMaxMoves, long? PlanMaxBytes, double? MinGainMinutes, double? Hysteresis, double? CoolDownMinutes,
    double? ReturnCoolDownMinutes, double? ForecastTolerance, bool? PlanAfterForecast, bool? AutoApply, FourEyes? FourEyes, int? FourEyesAboveMoves,
    long? FourEyesAboveBytes, int? MovesPerNode, double? BackOffP99Ms, double? ExpireMinutes, IReadOnlyList<WindowRule>? Windows,
    IReadOnlyList<AutoApplyPolicy>? Policies, string? Reason, IReadOnlyList<ConstraintRule>? Constraints = null) : IBody
{
    /// <summary>The settings <paramref name="now"/> with what this body says.</summary>
    public SettingsValues Over(SettingsValues now) => now with
    {
        ThresholdMillicores = ThresholdMillicores ?? now.ThresholdMillicores,
        ComfortZone = ComfortZone ?? now.ComfortZone,
        Quantile = Quantile ?? now.Quantile,
        HorizonHours = HorizonHours ?? now.HorizonHours,
        PlanMaxMoves = PlanMaxMoves ?? now.PlanMaxMoves,
        PlanMaxBytes = PlanMaxBytes ?? now.PlanMaxBytes,
        MinGainMinutes = MinGainMinutes ?? now.MinGainMinutes,
        Hysteresis = Hysteresis ?? now.Hysteresis,
        CoolDownMinutes = CoolDownMinutes ?? now.CoolDownMinutes,
        ReturnCoolDownMinutes = ReturnCoolDownMinutes ?? now.ReturnCoolDownMinutes,
        ForecastTolerance = ForecastTolerance ?? now.ForecastTolerance,
        PlanAfterForecast = PlanAfterForecast ?? now.PlanAfterForecast,
        AutoApply = AutoApply ?? now.AutoApply,
        FourEyes = FourEyes ?? now.FourEyes,
        FourEyesAboveMoves = FourEyesAboveMoves ?? now.FourEyesAboveMoves,
        FourEyesAboveBytes = FourEyesAboveBytes ?? now.FourEyesAboveBytes,
        MovesPerNode = MovesPerNode ?? now.MovesPerNode,
        BackOffP99Ms = BackOffP99Ms ?? now.BackOffP99Ms,
        ExpireMinutes = ExpireMinutes ?? now.ExpireMinutes,
        Windows = Windows?.Select(w => w with { Days = w.Days ?? [] }).ToList() ?? now.Windows,
        Policies = Policies?.Select(p => p with { Window = p.Window ?? "" }).ToList() ?? now.Policies,
        Constraints = Constraints?.Select(c => c with { Segments = c.Segments ?? [], Nodes = c.Nodes ?? [], Why = c.Why ?? "" }).ToList() ?? now.Constraints,
    };
}
