namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>Times and limits of <see cref="SwimCore"/>. Times in milliseconds.</summary>
internal sealed record SwimOptions
{
    /// <summary>One member is probed each interval.</summary>
    public int ProbeMs { get; init; } = 1000;

    /// <summary>How long a direct probe waits before others are asked to probe too; below <see cref="ProbeMs"/>.</summary>
    public int ProbeTimeoutMs { get; init; } = 500;

    /// <summary>Members that are asked to probe where the direct probe was not answered.</summary>
    public int IndirectProbes { get; init; } = 3;

    /// <summary>Rumours are sent each interval.</summary>
    public int GossipMs { get; init; } = 200;

    /// <summary>Members that get them each time.</summary>
    public int GossipNodes { get; init; } = 3;

    /// <summary>How long dead members are still gossiped to, so that one who was wrongly declared dead hears of it.</summary>
    public int GossipToDeadMs { get; init; } = 30_000;

    /// <summary>Whole states are exchanged with one random member each interval.</summary>
    public int PushPullMs { get; init; } = 30_000;

    /// <summary>Seeds are tried at this interval while no other member is reachable.</summary>
    public int JoinMs { get; init; } = 1000;

    /// <summary>One dead member or missing seed is tried at this interval: heals a partition in which each side holds the other for dead.</summary>
    public int ReconnectMs { get; init; } = 5_000;

    /// <summary>α of Lifeguard: shortest suspicion = α × max(1, log10 n) × probe interval.</summary>
    public double SuspicionAlpha { get; init; } = 4;

    /// <summary>β of Lifeguard: longest suspicion = β × the shortest.</summary>
    public double SuspicionBeta { get; init; } = 6;

    /// <summary>K of Lifeguard: independent suspicions that bring the longest down to the shortest.</summary>
    public int SuspicionConfirmations { get; init; } = 2;

    /// <summary>λ: each rumour is sent λ × ⌈log10(n + 1)⌉ times by each member that has it.</summary>
    public int RetransmitFactor { get; init; } = 4;

    /// <summary>Largest local health score; probe interval and timeout are stretched by score + 1.</summary>
    public int MaxHealth { get; init; } = 8;

    /// <summary>A longer gap between two ticks means that this process stood still: what ran out meanwhile is given its time again.</summary>
    public int StallMs { get; init; } = 1_000;

    /// <summary>How long dead and left members are remembered.</summary>
    public long ForgetMs { get; init; } = 24 * 3600_000L;

    /// <summary>Most members that are remembered, this one included.</summary>
    public int MaxMembers { get; init; } = 1024;

    /// <summary>Largest datagram, bytes, seal included.</summary>
    public int MaxDatagramBytes { get; init; } = 1400;

    /// <summary>Largest payload that travels in datagrams, bytes; a larger one goes by push/pull only.</summary>
    public int MaxRumourBytes { get; init; } = 1000;

    /// <summary>Largest push/pull message, bytes, seal included.</summary>
    public int MaxPushPullBytes { get; init; } = 2 << 20;

    /// <summary>Probes for others under way at once.</summary>
    public int MaxRelays { get; init; } = 256;

    /// <summary>Round-trip times kept per member, for the median.</summary>
    public int RoundTripsKept { get; init; } = 9;
}
