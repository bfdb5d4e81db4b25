using System.Net;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>How gossip is driven.</summary>
/// <param name="Bind">Address and port of UDP and TCP.</param>
/// <param name="Self">This node.</param>
/// <param name="Seeds">Addresses to meet first.</param>
/// <param name="Key">The cluster key; every message is authenticated by it.</param>
/// <param name="Swim">Times and limits of the protocol.</param>
internal sealed record GossipOptions(IPEndPoint Bind, NodeMeta Self, IReadOnlyList<GossipAddress> Seeds, ReadOnlyMemory<byte> Key, SwimOptions Swim)
{
    /// <summary>Shortest pause between two turns of the gossip loop that only the time asks for, milliseconds: what is due meanwhile waits for it.</summary>
    public int TickMs { get; init; } = 50;

    /// <summary>Messages that wait for the loop; what comes beyond it is dropped, as if the network had lost it.</summary>
    public int InboxLimit { get; init; } = 1024;

    /// <summary>Push/pulls under way at once, each way.</summary>
    public int PushPullLimit { get; init; } = 8;

    /// <summary>Time limit of one push/pull, milliseconds.</summary>
    public int PushPullTimeoutMs { get; init; } = 5_000;

    /// <summary>Longest time that a good-bye may take, milliseconds.</summary>
    public int LeaveMs { get; init; } = 1_500;

    /// <summary>As the node was started.</summary>
    /// <param name="id">Identity of its data folder.</param>
    /// <param name="clusterId">The cluster that the data folder belongs to; empty where it is new.</param>
    public static GossipOptions From(NodeOptions node, NodeId id, string clusterId, ClusterKey key) => new(
        new IPEndPoint(node.BindAddress, node.GossipPort),
        new NodeMeta(node.ToMember(id), clusterId),
        [.. node.SeedAddresses()],
        key.Bytes,
        new SwimOptions { ProbeMs = node.GossipProbeMs, ProbeTimeoutMs = node.GossipProbeMs / 2, PushPullMs = node.GossipPushPullMs });
}
