using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Settings;

/// <summary>The options that the program was started with: what holds where no version of the settings says otherwise.</summary>
internal sealed record SettingsStart(ScoringOptions Scoring, PlanningOptions Planning, ApprovalOptions Approval, RolloutOptions Rollout)
{
    private static readonly AutoApplyPolicy First = new("small moves", false, 5, 1_000_000_000, 0.8, 5);

    /// <summary>The same as settings. There is one policy to begin with, and it is off.</summary>
    public SettingsValues Values { get; } = new()
    {
        ThresholdMillicores = Scoring.ThresholdMillicores,
        ComfortZone = Scoring.ComfortZone,
        Quantile = Scoring.Quantile,
        HorizonHours = Scoring.HorizonHours,
        PlanMaxMoves = Planning.MaxMoves,
        PlanMaxBytes = Planning.MaxBytes,
        MinGainMinutes = Planning.MinGainMinutes,
        Hysteresis = Planning.Hysteresis,
        CoolDownMinutes = Planning.CoolDownMinutes,
        ReturnCoolDownMinutes = Planning.ReturnCoolDownMinutes,
        ForecastTolerance = Planning.ForecastTolerance,
        PlanAfterForecast = Approval.PlanAfterForecast,
        AutoApply = true,
        FourEyesAboveMoves = 10,
        FourEyesAboveBytes = 10_000_000_000,
        MovesPerNode = Rollout.MovesPerNode,
        BackOffP99Ms = Rollout.BackOffP99Ms,
        ExpireMinutes = Rollout.ExpireMinutes,
        Policies = [First],
    };

    /// <summary>The scoring options with these settings.</summary>
    public ScoringOptions ScoringWith(SettingsValues v) => SettingsJson.With(Scoring, new Dictionary<string, object>
    {
        [nameof(ScoringOptions.ThresholdMillicores)] = v.ThresholdMillicores, [nameof(ScoringOptions.ComfortZone)] = v.ComfortZone,
        [nameof(ScoringOptions.Quantile)] = v.Quantile, [nameof(ScoringOptions.HorizonHours)] = v.HorizonHours,
    });

    /// <summary>The planning options with these settings.</summary>
    public PlanningOptions PlanningWith(SettingsValues v) => SettingsJson.With(Planning, new Dictionary<string, object>
    {
        [nameof(PlanningOptions.MaxMoves)] = v.PlanMaxMoves, [nameof(PlanningOptions.MaxBytes)] = v.PlanMaxBytes, [nameof(PlanningOptions.MinGainMinutes)] = v.MinGainMinutes,
        [nameof(PlanningOptions.Hysteresis)] = v.Hysteresis, [nameof(PlanningOptions.CoolDownMinutes)] = v.CoolDownMinutes,
        [nameof(PlanningOptions.ReturnCoolDownMinutes)] = v.ReturnCoolDownMinutes, [nameof(PlanningOptions.ForecastTolerance)] = v.ForecastTolerance,
    });
}

/// <summary>The settings at one moment. Immutable; take it once per piece of work.</summary>
/// <param name="Version">0 until something was changed.</param>
internal sealed record SettingsSnapshot(
    long Version, DateTimeOffset? At, string By, string Reason, SettingsValues Values, ScoringOptions Scoring, PlanningOptions Planning);
