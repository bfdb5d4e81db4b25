using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>A member that came into another state; <paramref name="From"/> is null for one that was not known.</summary>
internal readonly record struct MemberChange(NodeId Node, string Name, MemberState? From, MemberState To);

/// <summary>All that <see cref="SwimCore"/> owes to the world since the last time. Everything may be lost or come late.</summary>
/// <param name="Datagrams">To send by UDP.</param>
/// <param name="PushPulls">To send by TCP; the answer goes to <see cref="SwimCore.Merge"/>.</param>
/// <param name="Changes">What happened to members, in order.</param>
internal sealed record SwimOutput(
    IReadOnlyList<(GossipAddress To, Datagram Datagram)> Datagrams,
    IReadOnlyList<(GossipAddress To, PushPull Message)> PushPulls,
    IReadOnlyList<MemberChange> Changes);

/// <summary>Counted since the start.</summary>
/// <param name="Doubles">Times that another node said to be this one.</param>
/// <param name="Double">Where the last such node is reached; null before.</param>
internal readonly record struct SwimCounts(long Foreign, long Refutations, long ProbesFailed, long Stalls, long Doubles, GossipAddress? Double)
{
    /// <summary>So many claims are no message of a former life.</summary>
    private const int CertainDoubles = 3;

    /// <summary>What a person has to look at; null: nothing.</summary>
    public string? Trouble => Doubles >= CertainDoubles
        ? $"Another node at {Double} has this node's identity: both were started with a copy of one data folder. Stop one of them, and start it with an empty folder."
        : null;
}
