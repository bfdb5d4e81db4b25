namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// How much of its copy limit a node uses, so that its clients do not wait for it: additive increase, multiplicative decrease by the clients' 99th percentile, the worse of
/// the node's own and of those that it copies to. One step per look, one look a second.
/// </summary>
internal sealed class CopyPace
{
    /// <summary>The share never falls below this: a migration that does not move at all would never end.</summary>
    public const double Least = 1 / 64.0;

    private const double Grow = 0.1;

    /// <summary>Share of the limit that may be used.</summary>
    public double Share { get; private set; } = 1;

    /// <summary>Takes the next look: halves above the limit, grows by a tenth of the whole below 0.8 of it, stays between.</summary>
    /// <param name="p99Micros">99th percentile of the clients' latency of the last second; 0 where there were none.</param>
    /// <param name="guardMicros">The limit; 0 is off.</param>
    /// <param name="copies">Something was copied since the last look: what is not used says nothing, and is not cut further.</param>
    public double Look(long p99Micros, long guardMicros, bool copies)
    {
        if (guardMicros <= 0)
        {
            Share = 1;
        }
        else if (p99Micros > guardMicros)
        {
            Share = copies ? Math.Max(Least, Share / 2) : Share;
        }
        else if (p99Micros * 5 < guardMicros * 4)
        {
            Share = Math.Min(1, Share + Grow);
        }

        return Share;
    }
}
