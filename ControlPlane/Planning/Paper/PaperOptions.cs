namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>What a paper cluster may do and how it is judged. All times are the cluster's own: on paper, real time and model time are one.</summary>
internal sealed record PaperOptions
{
    /// <summary>Length of a step, 1..3600 s. Loads, owners and utilisation are constant within it; transfers are not.</summary>
    public int TickSeconds { get; init; } = 60;

    /// <summary>Moves that run at once in the cluster, 1..1024.</summary>
    public int MovesAtOnce { get; init; } = 4;

    /// <summary>Moves that one node leads the source or the target of at once, 1..64.</summary>
    public int MovesPerNode { get; init; } = 1;

    /// <summary>Copy rate of a node, sending and receiving each, bytes per second.</summary>
    public double NodeBytesPerSecond { get; init; } = 12_000_000;

    /// <summary>Copy rate of the cluster, bytes per second.</summary>
    public double ClusterBytesPerSecond { get; init; } = 48_000_000;

    /// <summary>What a move takes beside copying (preparing, verifying, cutting over), s.</summary>
    public double SecondsPerMove { get; init; } = 2;

    /// <summary>CPU that copying costs at the leader of the source and at every replica of the target, core-milliseconds per megabyte (10⁶ bytes).</summary>
    public double CopyMillisecondsPerMegabyte { get; init; } = 4;

    /// <summary>A move back to where the segment came from counts as reversed within this time, hours.</summary>
    public double ReversedWithinHours { get; init; } = 24;

    /// <summary>Utilisation that counts as overload, 0.05..1: the comfort zone.</summary>
    public double ComfortZone { get; init; } = 0.7;

    /// <summary>Times of answers.</summary>
    public QueueModel Queue { get; init; } = new();

    /// <summary>All problems of these settings, in words; empty when they are usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (TickSeconds is < 1 or > 3600)
        {
            problems.Add($"A step of {TickSeconds} s cannot be; it must be 1..3600 s.");
        }

        if (MovesAtOnce is < 1 or > 1024 || MovesPerNode is < 1 or > 64)
        {
            problems.Add($"{MovesAtOnce} moves at once and {MovesPerNode} per node cannot be; they must be 1..1024 and 1..64.");
        }

        if (!(NodeBytesPerSecond > 0) || !(ClusterBytesPerSecond > 0) || !(SecondsPerMove >= 0) || !(CopyMillisecondsPerMegabyte >= 0))
        {
            problems.Add("Copy rates must be above 0; the time and the CPU of a move must not be negative.");
        }

        if (ComfortZone is not (>= 0.05 and <= 1))
        {
            problems.Add($"A comfort zone of {ComfortZone} cannot be; it must be 0.05..1 (0.7 is 70 %).");
        }

        if (!(Queue.ServiceMs > 0) || !(Queue.LargestUtilisation > 0))
        {
            problems.Add($"A target of {Queue.TargetMs} ms cannot be reached by requests that need {Queue.ServiceMs} ms; it must be above {Math.Log(100) * Queue.ServiceMs:0.###} ms.");
        }

        return problems;
    }
}
