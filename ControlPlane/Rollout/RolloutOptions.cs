namespace ShardConsole.ControlPlane.Rollout;

/// <summary>How approved plans are carried out.</summary>
internal sealed class RolloutOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Rollout";

    /// <summary>Real milliseconds between two looks at what is due, 50..10000.</summary>
    public int PollMs { get; set; } = 250;

    /// <summary>Tries to start a move while the cluster cannot be reached, before the move counts as failed, 1..10000.</summary>
    public int MaxStartTries { get; set; } = 240;

    /// <summary>Turns in a row in which the cluster does not name a started move, before its segment's owner tells how it ended, 1..10000.</summary>
    public int MaxMissingTurns { get; set; } = 40;

    /// <summary>Turns in a row in which leadership may stay where it was although the map names the new leader, before the transfer counts as failed, 1..10000.</summary>
    public int MaxTransferTurns { get; set; } = 120;

    /// <summary>A scheduled plan that could not begin within so many model minutes of its time expires, 1..10080.</summary>
    public double ExpireMinutes { get; set; } = 120;

    /// <summary>Moves that read from or write to one node at once, 1..64; the settings may say otherwise.</summary>
    public int MovesPerNode { get; set; } = 4;

    /// <summary>No further move starts while the clients' 99th percentile is above, milliseconds; 0 is off; the settings may say otherwise.</summary>
    public double BackOffP99Ms { get; set; }

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (PollMs is < 50 or > 10_000)
        {
            yield return $"Rollout:PollMs {PollMs} is outside 50..10000.";
        }

        if (MaxStartTries is < 1 or > 10_000)
        {
            yield return $"Rollout:MaxStartTries {MaxStartTries} is outside 1..10000.";
        }

        if (MaxMissingTurns is < 1 or > 10_000)
        {
            yield return $"Rollout:MaxMissingTurns {MaxMissingTurns} is outside 1..10000.";
        }

        if (MaxTransferTurns is < 1 or > 10_000)
        {
            yield return $"Rollout:MaxTransferTurns {MaxTransferTurns} is outside 1..10000.";
        }

        if (MovesPerNode is < 1 or > 64)
        {
            yield return $"Rollout:MovesPerNode {MovesPerNode} is outside 1..64.";
        }

        if (BackOffP99Ms is not (>= 0 and <= 60_000))
        {
            yield return $"Rollout:BackOffP99Ms {BackOffP99Ms} is outside 0..60000.";
        }

        if (ExpireMinutes is not (>= 1 and <= 10_080))
        {
            yield return $"Rollout:ExpireMinutes {ExpireMinutes} is outside 1..10080.";
        }
    }
}
