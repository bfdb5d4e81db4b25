namespace ShardConsole.ControlPlane.Planning;

/// <summary>Settings of the planner. Times are model time unless they say otherwise.</summary>
internal sealed class PlanningOptions
{
    /// <summary>Most moves in one plan, 1..1024.</summary>
    public int MaxMoves { get; init; } = 32;

    /// <summary>Most bytes that one plan may copy.</summary>
    public long MaxBytes { get; init; } = 64L << 30;

    /// <summary>A plan must save at least this many shard and node minutes over their limits, or it is not worth the trouble.</summary>
    public double MinGainMinutes { get; init; } = 5;

    /// <summary>Hysteresis, 0..0.5: who is relieved is relieved to (1 − this) of the limit, and no target is filled above that.</summary>
    public double Hysteresis { get; init; } = 0.05;

    /// <summary>A moved segment rests this long.</summary>
    public double CoolDownMinutes { get; init; } = 30;

    /// <summary>A moved segment does not go back to where it came from for this long.</summary>
    public double ReturnCoolDownMinutes { get; init; } = 360;

    /// <summary>How far a used shard's newest peak may be from the planned one, to the side on which the plan would be wrong, before the plan is stale; ratio of the sharding threshold.</summary>
    public double ForecastTolerance { get; init; } = 0.35;

    /// <summary>Copy rate that durations are estimated with, bytes per real second.</summary>
    public double CopyBytesPerSecond { get; init; } = 12_000_000;

    /// <summary>What a move costs beside copying, real seconds.</summary>
    public double SecondsPerMove { get; init; } = 2;

    /// <summary>CPU that copying costs at the leader of the source and at every replica of the target, core-milliseconds per megabyte (10⁶ bytes).</summary>
    public double CopyMillisecondsPerMegabyte { get; init; } = 4;

    /// <summary>
    /// What it is worth that two segments that are asked for together once a second stay together: bytes that may be copied for it, 0 or more. A clump moves as one
    /// where that is cheaper than tearing it.
    /// </summary>
    public double BytesPerCoAccess { get; init; } = 1_000_000;

    /// <summary>Budget of a search: moves looked at, 1000..10000000. Not a time, so that the same input gives the same plan on every machine.</summary>
    public int MaxEvaluations { get; init; } = 200_000;

    /// <summary>A cluster with at most this many ways to place its movable segments is searched completely, 0..1000000; 0: never.</summary>
    public int ExactAssignments { get; init; } = 20_000;

    /// <summary>A new plan replaces a waiting one that still holds only if it leaves less overload by this ratio of what the waiting one saves, 0..1.</summary>
    public double ReplaceGain { get; init; } = 0.2;

    /// <summary>Most refusals that a result lists.</summary>
    public int MaxRefusals { get; init; } = 200;

    /// <summary>All problems of these settings, in words; empty when they are usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (MaxMoves is < 1 or > 1024)
        {
            problems.Add($"Planning:MaxMoves is {MaxMoves}; it must be 1..1024.");
        }

        if (MaxBytes < 1)
        {
            problems.Add($"Planning:MaxBytes is {MaxBytes}; it must be at least 1.");
        }

        if (Hysteresis is not (>= 0 and <= 0.5))
        {
            problems.Add($"Planning:Hysteresis is {Hysteresis}; it must be 0..0.5.");
        }

        if (!(MinGainMinutes >= 0) || !(CoolDownMinutes >= 0) || !(ReturnCoolDownMinutes >= 0))
        {
            problems.Add("Planning:MinGainMinutes, CoolDownMinutes and ReturnCoolDownMinutes must not be negative.");
        }

        if (MaxEvaluations is < 1000 or > 10_000_000 || ExactAssignments is < 0 or > 1_000_000)
        {
            problems.Add($"Planning:MaxEvaluations is {MaxEvaluations} and ExactAssignments {ExactAssignments}; they must be 1000..10000000 and 0..1000000.");
        }

        if (ReplaceGain is not (>= 0 and <= 1))
        {
            problems.Add($"Planning:ReplaceGain is {ReplaceGain}; it must be 0..1.");
        }

        if (!(ForecastTolerance > 0) || !(CopyBytesPerSecond > 0) || !(SecondsPerMove >= 0) || !(CopyMillisecondsPerMegabyte >= 0) || !(BytesPerCoAccess >= 0))
        {
            problems.Add("Planning:ForecastTolerance and CopyBytesPerSecond must be above 0, SecondsPerMove, CopyMillisecondsPerMegabyte and BytesPerCoAccess not negative.");
        }

        return problems;
    }
}
