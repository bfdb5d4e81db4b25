using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// How long a suspected member has to refute. Long while one node alone suspects it, since the fault may be that node's own; shorter with each independent
/// suspicion (Dadgar, Phillips, Currey: Lifeguard, section IV-B).
/// </summary>
internal sealed class Suspicion
{
    private readonly HashSet<NodeId> accusers = [];
    private readonly int confirmationsWanted;
    private readonly long leastMicros;
    private readonly long mostMicros;

    /// <param name="options">α, β, K.</param>
    /// <param name="members">Members of the cluster, n.</param>
    /// <param name="by">Who suspected first.</param>
    /// <param name="now">Microseconds.</param>
    public Suspicion(SwimOptions options, int members, NodeId by, long now)
    {
        StartedAt = now;
        accusers.Add(by);
        leastMicros = (long)(options.SuspicionAlpha * Math.Max(1, Math.Log10(Math.Max(1, members))) * options.ProbeMs * 1000);
        mostMicros = (long)(leastMicros * options.SuspicionBeta);

        // Where so few others are left that nobody could confirm, waiting for confirmations would only make detection slow.
        confirmationsWanted = members - 2 < options.SuspicionConfirmations ? 0 : options.SuspicionConfirmations;
    }

    /// <summary>When it began, microseconds; moved on when this process stood still.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When it runs out, microseconds: from the longest down to the shortest time with the logarithm of the confirmations.</summary>
    public long Deadline
    {
        get
        {
            if (confirmationsWanted == 0)
            {
                return StartedAt + leastMicros;
            }

            var share = Math.Log(accusers.Count) / Math.Log(confirmationsWanted + 1);
            return StartedAt + Math.Max(leastMicros, (long)(mostMicros - ((mostMicros - leastMicros) * share)));
        }
    }

    /// <summary>Adds one accuser; true when it is a new one that is still counted, and so worth passing on.</summary>
    public bool Confirm(NodeId by) => accusers.Count <= confirmationsWanted && accusers.Add(by);

    /// <summary>Gives the time back in which this process stood still.</summary>
    public void Shift(long micros) => StartedAt += micros;
}
