namespace ShardConsole.ControlPlane.Data;

/// <summary>A plan as it was made, with its present state.</summary>
internal sealed class PlanRow
{
    /// <summary>The plan's hash: its identity.</summary>
    public string Hash { get; set; } = "";

    /// <summary>PlanState; the rows of <see cref="Log"/> say how it came to it.</summary>
    public byte State { get; set; }

    /// <summary>Rises with every change of state; the etag.</summary>
    public long Version { get; set; }

    public DateTimeOffset MadeAt { get; set; }

    /// <summary>The Plan, JSON.</summary>
    public string Body { get; set; } = "";

    /// <summary>What was found out when it was made (effects, refusals), JSON.</summary>
    public string Findings { get; set; } = "";

    /// <summary>When it starts or should start, model time.</summary>
    public DateTimeOffset? StartAt { get; set; }

    public DateTimeOffset? UsefulUntil { get; set; }

    /// <summary>Who made it, or asked for its approval: a person for four eyes; null where nobody has yet.</summary>
    public string? RequestedBy { get; set; }

    /// <summary>Why its rollout waits; null while it does not.</summary>
    public string? Held { get; set; }

    public List<PlanLogRow> Log { get; set; } = [];

    public List<PlanMoveRow> Moves { get; set; } = [];
}

/// <summary>One row of a plan's life.</summary>
internal sealed class PlanLogRow
{
    public long Id { get; set; }

    public string PlanHash { get; set; } = "";

    public DateTimeOffset At { get; set; }

    public byte State { get; set; }

    public string By { get; set; } = "";

    public string Reason { get; set; } = "";
}

/// <summary>What became of one move of a plan.</summary>
internal sealed class PlanMoveRow
{
    public string PlanHash { get; set; } = "";

    public int Number { get; set; }

    /// <summary>0 until the move was started.</summary>
    public long MigrationId { get; set; }

    /// <summary>MigrationPhase as last seen; null until started.</summary>
    public byte? Phase { get; set; }

    /// <summary>How it ended; null while it has not.</summary>
    public string? Outcome { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }
}
