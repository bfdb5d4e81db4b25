using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Where a member stands in its life.</summary>
internal enum MemberStage
{
    /// <summary>Gossip knows it; it waits to be taken in.</summary>
    Joining,

    /// <summary>A member that holds no replica yet.</summary>
    Empty,

    /// <summary>It is getting replicas.</summary>
    Filling,

    /// <summary>It holds replicas.</summary>
    Serving,

    /// <summary>Its replicas and leaders go to others.</summary>
    Draining,

    /// <summary>It holds nothing any more and may leave.</summary>
    Drained,

    /// <summary>It was a member and still runs.</summary>
    Left,
}

/// <summary>How far a drain or a filling is.</summary>
/// <param name="What">"drain" or "fill".</param>
/// <param name="Groups">Groups that it concerns; the meta group counts as one.</param>
/// <param name="Done">Groups that are done with.</param>
/// <param name="UnderWay">Groups whose replicas are being changed.</param>
/// <param name="Waiting">What it waits for; empty where nothing is known.</param>
/// <param name="BeganAt">Real time; null where it is not known.</param>
/// <param name="By">Who asked; empty where it is not known.</param>
/// <param name="ThenLeave">The member leaves by itself when it is empty.</param>
internal sealed record MemberProgress(string What, int Groups, int Done, int UnderWay, string Waiting, DateTimeOffset? BeganAt, string By, bool ThenLeave)
{
    /// <summary>Share that is done, 0..1.</summary>
    public double Ratio => Groups == 0 ? 1 : Math.Clamp((double)Done / Groups, 0, 1);
}

/// <summary>A member, or a node that gossip knows beside them.</summary>
/// <param name="State">"alive", "suspect", "dead" or "unknown".</param>
/// <param name="SuspectedBy">Names of nodes whose gossip holds it for suspect or dead.</param>
/// <param name="Incarnation">How often it refuted a suspicion, counted from its start's moment; 0 while unknown.</param>
/// <param name="RoundTripMicros">Median of the round trips to it and from it, microseconds; 0 while none is measured.</param>
/// <param name="RoundTrips">Round trips that it measured, microseconds, by the other's name.</param>
/// <param name="Replicas">Groups of which it has a replica; the meta group counts as one.</param>
/// <param name="Leads">Shards that it leads.</param>
/// <param name="InMetaGroup">It has a replica of the meta group.</param>
/// <param name="LeadsMetaGroup">It leads the meta group.</param>
/// <param name="Share">Replicas that it would hold were they spread evenly.</param>
/// <param name="Progress">Of its drain or its filling; null where neither is under way.</param>
/// <param name="HeardAt">When it last answered or reported, real time; null where it never did.</param>
internal sealed record MemberRow(
    NodeId Id, string Name, string Zone, string Address, string State, MemberStage Stage, IReadOnlyList<string> SuspectedBy, ulong Incarnation, int RoundTripMicros,
    IReadOnlyDictionary<string, int> RoundTrips, int Replicas, int Leads, bool InMetaGroup, bool LeadsMetaGroup, int Share, string Version, MemberProgress? Progress, DateTimeOffset? HeardAt);

/// <summary>A replica of a group.</summary>
/// <param name="Role">"leader", "follower", "learner" …; "unknown" while the node does not tell.</param>
/// <param name="Lag">Entries that it lacks of what its leader has applied; -1 while unknown.</param>
internal sealed record ReplicaRow(NodeId Node, string Name, string Zone, string State, string Role, bool IsPreferredLeader, ulong Applied, long Lag);

/// <summary>A change of a group's replicas, in names.</summary>
/// <param name="Group">"s-07", or "meta".</param>
/// <param name="From">Names of nodes whose replica goes.</param>
/// <param name="To">Names of nodes that get one.</param>
/// <param name="Ratio">How far it is, by its phase, 0..1.</param>
internal sealed record ReplicaChangeRow(
    ulong Id, string Group, IReadOnlyList<string> From, IReadOnlyList<string> To, ReplicaPhase Phase, bool IsCancelled, double Ratio, string Waiting, string By, string Reason,
    DateTimeOffset BeganAt, DateTimeOffset? EndedAt, ReplicaChangeStatus Status);

/// <summary>What a member would take over to carry its share: a plan of kind "membership". Its moves are replicas with their leadership, not segments.</summary>
/// <param name="Kind">"membership".</param>
/// <param name="Bytes">That are copied.</param>
/// <param name="Shares">Replicas and leaders of each member before and after, by name.</param>
internal sealed record MembershipPlan(string Kind, NodeId Node, string Name, IReadOnlyList<MembershipMove> Moves, long Bytes, IReadOnlyList<MemberShare> Shares);

/// <summary>One replica that goes from one member to another.</summary>
/// <param name="TakesLead">The new one leads the shard.</param>
internal sealed record MembershipMove(ShardId Shard, string From, string To, bool TakesLead, long Bytes, string Reason);

/// <summary>What a member holds before and after a plan.</summary>
internal sealed record MemberShare(string Name, int ReplicasBefore, int ReplicasAfter, int LeadsBefore, int LeadsAfter);

/// <summary>How a node is added.</summary>
/// <param name="CanStart">The control plane can start one by itself: POST /members.</param>
/// <param name="Command">What starts one elsewhere, for a shell; the key's file has to be brought there.</param>
internal sealed record JoinHelp(bool CanStart, string Command);

/// <summary>The read side of members and replicas.</summary>
internal interface IMemberQueries
{
    /// <summary>Members by name, then nodes that gossip knows beside them.</summary>
    IReadOnlyList<MemberRow> Members();

    /// <summary>A member by its name or its id; null where there is none.</summary>
    MemberRow? Member(string nameOrId);

    /// <summary>Replicas of a group; null where there is no such group.</summary>
    IReadOnlyList<ReplicaRow>? Replicas(GroupId group);

    /// <summary>Changes of replicas that the cluster knows, newest first.</summary>
    IReadOnlyList<ReplicaChangeRow> ReplicaChanges();

    /// <summary>What would fill a member.</summary>
    MembershipPlan FillPlan(NodeId node);

    /// <summary>How a node is added.</summary>
    JoinHelp Join();
}

/// <summary>What a person may do with members and replicas. Everything is audited, refusals too.</summary>
internal interface IMemberDesk
{
    /// <summary>Starts one more node of a local cluster. Id of the outcome is its name.</summary>
    Task<Outcome> AddAsync(string zone, string by, string reason, CancellationToken cancellation);

    /// <summary>Empties a member; with <paramref name="thenLeave"/> it leaves by itself when it holds nothing.</summary>
    Task<Outcome> DrainAsync(NodeId node, bool thenLeave, string by, string reason, CancellationToken cancellation);

    /// <summary>Ends a drain: what is under way goes back, what has moved stays.</summary>
    Task<Outcome> CancelDrainAsync(NodeId node, string by, string reason, CancellationToken cancellation);

    /// <summary>Lets an empty member go.</summary>
    Task<Outcome> LeaveAsync(NodeId node, string by, string reason, CancellationToken cancellation);

    /// <summary>Puts a dead member's replicas elsewhere without waiting for its grace time, and lets it go then.</summary>
    Task<Outcome> RemoveAsync(NodeId node, string by, string reason, CancellationToken cancellation);

    /// <summary>Begins the changes of the member's <see cref="IMemberQueries.FillPlan"/>.</summary>
    Task<Outcome> FillAsync(NodeId node, string by, string reason, CancellationToken cancellation);

    /// <summary>Replaces a replica; the absent node as one of the two only adds or only removes. Id of the outcome is the change's.</summary>
    Task<Outcome> ReplaceAsync(GroupId group, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation);

    /// <summary>Takes a change of replicas back.</summary>
    Task<Outcome> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation);
}
