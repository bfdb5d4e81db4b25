using System.Collections.Frozen;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>What gossip holds of a node. On the wire, append-only, never renumber.</summary>
internal enum MemberState : byte
{
    /// <summary>Answers, or nobody has said otherwise.</summary>
    Alive = 1,

    /// <summary>Did not answer a probe; has until its suspicion runs out to refute.</summary>
    Suspect = 2,

    /// <summary>Suspected for longer than the limit.</summary>
    Dead = 3,

    /// <summary>Said good-bye.</summary>
    Left = 4,
}

/// <summary>One member as this node's gossip sees it. Immutable.</summary>
/// <param name="Meta">What it says of itself.</param>
/// <param name="State">Liveness.</param>
/// <param name="Incarnation">The member's own counter by which it refutes suspicion.</param>
/// <param name="Gossip">Its newest payload; <see cref="NodeGossip.Empty"/> before the first.</param>
/// <param name="GossipVersion">Version of the payload; 0 before the first.</param>
/// <param name="RoundTripMicros">Median of the last probes from here, microseconds; 0 while unknown and for the node itself.</param>
internal sealed record MemberView(NodeMeta Meta, MemberState State, ulong Incarnation, NodeGossip Gossip, ulong GossipVersion, int RoundTripMicros)
{
    /// <summary>The member's id.</summary>
    public NodeId Id => Meta.Member.Id;

    /// <summary>Alive, or only suspected: may still be talked to.</summary>
    public bool IsReachable => State is MemberState.Alive or MemberState.Suspect;
}

/// <summary>All members that this node knows, itself included. Immutable, swapped whole; take it once per use.</summary>
/// <param name="Self">This node.</param>
/// <param name="Members">By id; dead and left ones until they are forgotten.</param>
/// <param name="Health">Local health score of Lifeguard, 0 (well) and more: how much this node doubts itself.</param>
internal sealed record MembershipView(NodeId Self, FrozenDictionary<NodeId, MemberView> Members, int Health)
{
    /// <summary>Whether gossip holds the node for reachable; true for the node itself.</summary>
    public bool IsAlive(NodeId node) => Members.TryGetValue(node, out var member) && member.IsReachable;

    /// <summary>
    /// Who claims to lead the shard with the highest term, among the reachable members; null where nobody does.
    /// </summary>
    public (NodeId Node, ulong Term)? LeaderOf(ShardId shard)
    {
        (NodeId Node, ulong Term)? best = null;
        foreach (var member in Members.Values)
        {
            foreach (var led in member.IsReachable ? member.Gossip.Leads : [])
            {
                if (led.Shard == shard && (best is null || led.Term > best.Value.Term))
                {
                    best = (member.Id, led.Term);
                }
            }
        }

        return best;
    }

    /// <summary>The meta group's leader by the highest term that any reachable member has seen; null where nobody knows one.</summary>
    public (NodeId Node, ulong Term)? MetaLeader()
    {
        var best = Members.Values.Where(m => m.IsReachable && !m.Gossip.MetaLeader.IsNone).MaxBy(m => m.Gossip.MetaTerm);
        return best is null ? null : (best.Gossip.MetaLeader, best.Gossip.MetaTerm);
    }
}
