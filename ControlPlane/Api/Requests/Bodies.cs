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

/// <summary>A policy that approves plans by itself. All fields but kinds (all kinds) and window (always) are needed.</summary>
internal sealed record PolicyBody(
    bool? Enabled, int? MaxMoves, long? MaxBytes, double? MinConfidence, double? MinGainMinutes, IReadOnlyList<string>? Kinds = null, string? Window = null) : IBody;

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
