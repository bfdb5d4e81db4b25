namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>Another member, as it stands. Changed only by <see cref="MemberTable"/>.</summary>
internal sealed class MemberEntry(NodeMeta meta, ulong incarnation, long now)
{
    private readonly List<int> roundTrips = [];
    private int nextRoundTrip;

    public NodeMeta Meta { get; set; } = meta;

    public ulong Incarnation { get; set; } = incarnation;

    public MemberState State { get; set; } = MemberState.Alive;

    /// <summary>When it came into its state, microseconds.</summary>
    public long Since { get; set; } = now;

    /// <summary>Set exactly while the state is Suspect.</summary>
    public Suspicion? Suspicion { get; set; }

    public ulong GossipVersion { get; set; }

    public NodeGossip Gossip { get; set; } = NodeGossip.Empty;

    /// <summary>Median of the kept round-trip times, microseconds; 0 while none is known.</summary>
    public int RoundTripMicros { get; private set; }

    public bool IsReachable => State is MemberState.Alive or MemberState.Suspect;

    /// <summary>Keeps one round-trip time in place of the oldest of <paramref name="kept"/>.</summary>
    public void AddRoundTrip(long micros, int kept)
    {
        var value = (int)Math.Clamp(micros, 1, int.MaxValue);
        if (roundTrips.Count < kept)
        {
            roundTrips.Add(value);
        }
        else
        {
            roundTrips[nextRoundTrip++ % kept] = value;
        }

        var sorted = roundTrips.Order().ToList();
        RoundTripMicros = sorted[sorted.Count / 2];
    }

    public MemberView ToView() => new(Meta, State, Incarnation, Gossip, GossipVersion, RoundTripMicros);
}
