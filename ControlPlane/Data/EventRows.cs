namespace ShardConsole.ControlPlane.Data;

/// <summary>An entry of the calendar of events.</summary>
internal sealed class EventRow
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>When it begins, in the words of EventRule.</summary>
    public string Rule { get; set; } = "";

    public long LengthSeconds { get; set; }

    /// <summary>IANA name of the zone that the rule is meant in.</summary>
    public string Zone { get; set; } = "UTC";

    /// <summary>What it concerns, in the words of EventScope.</summary>
    public string Scope { get; set; } = "all";

    /// <summary>The announced factor; null: learn it.</summary>
    public double? Factor { get; set; }

    /// <summary>What the load of past occurrences and the announcement say together; null while nothing is known.</summary>
    public double? FactorInForce { get; set; }

    /// <summary>Who changed it last.</summary>
    public string By { get; set; } = "";

    public DateTimeOffset ChangedAt { get; set; }
}

/// <summary>A recurring spike that was found and waits for an operator, or was decided upon.</summary>
internal sealed class EventProposalRow
{
    public long Id { get; set; }

    public string Rule { get; set; } = "";

    public long LengthSeconds { get; set; }

    public string Scope { get; set; } = "all";

    public double Factor { get; set; }

    /// <summary>Occurrences seen, of <see cref="Due"/> that there should have been.</summary>
    public int Seen { get; set; }

    public int Due { get; set; }

    /// <summary>"open", "accepted" or "dismissed".</summary>
    public string State { get; set; } = "";

    public DateTimeOffset FoundAt { get; set; }
}
