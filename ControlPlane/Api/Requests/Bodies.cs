using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>A JSON body. Every field may be left out where its description does not say otherwise.</summary>
internal interface IBody;

/// <summary>Makes a plan.</summary>
/// <param name="Segments">Only these segments may move; all where it is left out.</param>
internal sealed record MakePlanBody(IReadOnlyList<int>? Segments) : IBody;

/// <summary>Approves a plan.</summary>
/// <param name="StartAt">Model time at which it begins; now where it is left out or past.</param>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
internal sealed record ApproveBody(DateTimeOffset? StartAt, string? Reason) : IBody;

/// <summary>Schedules a plan.</summary>
/// <param name="StartAt">Model time at which it begins, in the future; needed with "at".</param>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
/// <param name="When">"now", "at" (the default), "window" (the next maintenance window) or "trough" (where the forecast is lowest).</param>
internal sealed record ScheduleBody(DateTimeOffset? StartAt, string? Reason, string? When = null) : IBody;

/// <summary>Says why.</summary>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
internal sealed record ReasonBody(string? Reason) : IBody;

/// <summary>Changes some of the limits; what is left out stays.</summary>
internal sealed record LimitsBody(
    int? MaxConcurrentMoves, long? NodeBytesPerSecond, long? ClusterBytesPerSecond, int? ClientP99GuardMicros, int? RetainSeconds, int? CutOverLimitMs,
    int? MaxNodeMoves, int? BatchSegments) : IBody;

/// <summary>A policy that approves plans by itself. All fields but kinds and actions (all of them) and window (always) are needed.</summary>
internal sealed record PolicyBody(
    bool? Enabled, int? MaxMoves, long? MaxBytes, double? MinConfidence, double? MinGainMinutes, IReadOnlyList<string>? Kinds = null, string? Window = null,
    IReadOnlyList<string>? Actions = null) : IBody;

/// <summary>A constraint that every plan keeps.</summary>
/// <param name="Kind">pin, exclude or apart.</param>
/// <param name="Enabled">True where it is left out.</param>
/// <param name="Segments">Of a pin or apart.</param>
/// <param name="Nodes">Names of an exclude's nodes.</param>
/// <param name="Why">Why it is there, up to 500 characters; goes to the audit.</param>
internal sealed record ConstraintBody(ConstraintKind? Kind, bool? Enabled, IReadOnlyList<int>? Segments, IReadOnlyList<string>? Nodes, string? Why) : IBody;

/// <summary>Edits a plan: name the moves that are left out, or those that alone are kept.</summary>
/// <param name="Drop">Numbers of moves that the new plan leaves out.</param>
/// <param name="Keep">Numbers of the only moves that it keeps; all where it is left out.</param>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
internal sealed record EditPlanBody(IReadOnlyList<int>? Drop, IReadOnlyList<int>? Keep, string? Reason) : IBody;

/// <summary>An event of the calendar; name, rule and minutes are needed.</summary>
/// <param name="Zone">IANA name; UTC where it is left out.</param>
/// <param name="Scope">"all" where it is left out.</param>
/// <param name="Factor">Learnt where it is left out.</param>
internal sealed record EventBody(string? Name, string? Rule, double? Minutes, string? Zone = null, string? Scope = null, double? Factor = null) : IBody;

/// <summary>Replays history under a change; what is left out stays as it is now.</summary>
/// <param name="Days">Days that are replayed, 1..28; 7 where it is left out.</param>
/// <param name="ThresholdMillicores">Sharding threshold, mcore.</param>
/// <param name="ComfortZone">Comfort zone, 0.05..1.</param>
/// <param name="Quantile">Quantile of the forecast that is planned for, 0.5..0.99.</param>
/// <param name="HorizonHours">Planning horizon, 1..48 h.</param>
/// <param name="Traffic">The traffic this many times, 0.1..10.</param>
/// <param name="MovesAtOnce">Moves that run at once, 1..64.</param>
/// <param name="ClusterBytesPerSecond">Copy rate of the cluster.</param>
/// <param name="Without">Names of nodes that are lost.</param>
/// <param name="Added">Nodes that are added, 0..64.</param>
/// <param name="Pinned">Segments that stay where they are.</param>
/// <param name="Foresight">Also with perfect foresight.</param>
/// <param name="Plan">Also with the moves of this plan.</param>
internal sealed record WhatIfBody(
    int? Days, double? ThresholdMillicores, double? ComfortZone, double? Quantile, double? HorizonHours, double? Traffic, int? MovesAtOnce, long? ClusterBytesPerSecond, IReadOnlyList<string>? Without, int? Added,
    IReadOnlyList<int>? Pinned, bool? Foresight, string? Plan) : IBody
{
    /// <summary>The change that is asked for.</summary>
    public Model.WhatIfChange Change() => new()
    {
        Days = Days ?? 7, ThresholdMillicores = ThresholdMillicores, ComfortZone = ComfortZone, Quantile = Quantile, HorizonHours = HorizonHours, Traffic = Traffic ?? 1, MovesAtOnce = MovesAtOnce,
        ClusterBytesPerSecond = ClusterBytesPerSecond, Without = Without ?? [], Added = Added ?? 0, Pinned = Pinned ?? [], Foresight = Foresight ?? false, Plan = Plan,
    };
}
