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
/// <param name="StartAt">Model time at which it begins; needed, and in the future.</param>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
internal sealed record ScheduleBody(DateTimeOffset? StartAt, string? Reason) : IBody;

/// <summary>Says why.</summary>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
internal sealed record ReasonBody(string? Reason) : IBody;

/// <summary>Changes some of the limits; what is left out stays.</summary>
internal sealed record LimitsBody(
    int? MaxConcurrentMoves, long? NodeBytesPerSecond, long? ClusterBytesPerSecond, int? ClientP99GuardMicros, int? RetainSeconds, int? CutOverLimitMs,
    int? MaxNodeMoves, int? BatchSegments) : IBody;

/// <summary>A policy that approves plans by itself. All fields are needed.</summary>
internal sealed record PolicyBody(bool? Enabled, int? MaxMoves, long? MaxBytes, double? MinConfidence, double? MinGainMinutes) : IBody;
