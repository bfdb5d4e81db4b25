namespace ShardConsole.ControlPlane.Replay;

/// <summary>How a request log is sent to a cluster.</summary>
internal sealed record ReplayOptions
{
    /// <summary>Addresses of nodes, "host:port"; the client finds the others.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Log seconds per real second, above 0.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>Each request is repeated on this many derived keys of the same slot, 1..100000.</summary>
    public int Amplify { get; init; } = 1;

    /// <summary>Log seconds after a request over which its repetitions are spread evenly, 0..86400; 0 sends them at once.</summary>
    public double SpreadSeconds { get; init; }

    /// <summary>Ratio of the reads of the log that are sent as writes, 0..1; chosen by a hash, so that two runs choose the same.</summary>
    public double WriteShare { get; init; }

    /// <summary>Length of a written value, 24..1048576 bytes.</summary>
    public int ValueBytes { get; init; } = 100;

    /// <summary>Requests under way at once, 1..4096; a key always belongs to one worker, which keeps its order.</summary>
    public int Workers { get; init; } = 64;

    /// <summary>Connections to each node, 1..32.</summary>
    public int Connections { get; init; } = 2;

    /// <summary>Requests that wait for one worker before the replay falls behind, 1..1000000.</summary>
    public int QueueLength { get; init; } = 4096;

    /// <summary>How long one request is tried again before it counts as an error, seconds.</summary>
    public double RetrySeconds { get; init; } = 30;

    /// <summary>Read every written key at the end and compare it with the last acknowledged value.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Only requests at or after this log time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only requests before this log time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Endpoints.Count == 0)
        {
            yield return "--endpoint names no node; give host:port.";
        }

        if (SpeedUp is not > 0 || double.IsInfinity(SpeedUp))
        {
            yield return $"--speed-up {SpeedUp} is not above 0.";
        }

        if (Amplify is < 1 or > 100_000)
        {
            yield return $"--amplify {Amplify} is outside 1..100000.";
        }

        if (SpreadSeconds is not (>= 0 and <= AmplifiedLog.MaxSpreadSeconds))
        {
            yield return $"--spread {SpreadSeconds} is outside 0..{AmplifiedLog.MaxSpreadSeconds}.";
        }

        if (WriteShare is not (>= 0 and <= 1))
        {
            yield return $"--write-share {WriteShare} is outside 0..1.";
        }

        if (ValueBytes is < 24 or > 1_048_576)
        {
            yield return $"--value-bytes {ValueBytes} is outside 24..1048576.";
        }

        if (Workers is < 1 or > 4096)
        {
            yield return $"--workers {Workers} is outside 1..4096.";
        }

        if (Connections is < 1 or > 32)
        {
            yield return $"--connections {Connections} is outside 1..32.";
        }
    }
}
