using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>Gossip as the other parts of the node see it. Safe for concurrent use; no call blocks.</summary>
internal interface IMembership
{
    /// <summary>Newest view; holds at least the node itself.</summary>
    MembershipView View { get; }

    /// <summary>What gossip has seen that a person must look at, in a sentence; null: nothing.</summary>
    string? Trouble { get; }

    /// <summary>Raised with the new view after a change of members, payloads or round-trip times, several changes at once. On the gossip loop: must not block.</summary>
    event Action<MembershipView>? Changed;

    /// <summary>Replaces this node's payload; the version is drawn here.</summary>
    void Publish(NodeGossip gossip);

    /// <summary>Says which cluster this node belongs to, once it is founded or joined. From then on members of other clusters are refused.</summary>
    void SetClusterId(string clusterId);

    /// <summary>Further addresses to try while fewer members are alive than known, for example those of the meta group's member list.</summary>
    void AddSeeds(IEnumerable<GossipAddress> seeds);

    /// <summary>Says good-bye and ends when it was passed on, at the latest after the option's time limit.</summary>
    Task LeaveAsync(CancellationToken cancellation);
}
