namespace ShardConsole.ControlPlane.Planning;

/// <summary>Makes a whole plan, greedily.</summary>
internal static class Planner
{
    /// <summary>The plan, or why there is none. The same input gives the same result; ties go to the lower id.</summary>
    public static PlanningResult Run(PlanningInput input, PlanningOptions options) =>
        throw new NotSupportedException($"{input.Now} {options.MaxMoves}");
}
