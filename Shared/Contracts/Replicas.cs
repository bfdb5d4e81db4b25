using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Shared.Contracts;

/// <summary>Life of a change of a group's replicas. Persisted, append-only, never renumber.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReplicaPhase>))]
public enum ReplicaPhase : byte
{
    /// <summary>Decided by the meta group; the group has not begun.</summary>
    Requested = 1,

    /// <summary>The new replicas are learners of the group and fetch its state.</summary>
    CatchingUp = 2,

    /// <summary>The new replicas vote; the old ones have yet to go.</summary>
    Changing = 3,

    /// <summary>The group has exactly the wanted voters.</summary>
    Done = 4,

    /// <summary>The group has again the voters of before.</summary>
    Cancelled = 5,
}

/// <summary>One step in the life of a change of replicas, as the meta group's log has it.</summary>
public sealed record ReplicaEntry(ReplicaPhase Phase, long UnixMs, string By, ulong RaftIndex, string Reason);

/// <summary>A change of a group's replicas: <c>GET /v1/replicas</c>.</summary>
/// <param name="Id">Its index in the meta group's log.</param>
/// <param name="Group">"s-07", or "meta" for the meta group.</param>
/// <param name="Before">Replicas when it began, ascending.</param>
/// <param name="Wanted">Replicas that it leads to, ascending.</param>
/// <param name="PreferredLeader">Of the wanted ones; the absent node for the meta group, which has none.</param>
/// <param name="IsCancelled">It goes back to <paramref name="Before"/>.</param>
/// <param name="Voters">Voters that the group last reported.</param>
/// <param name="Learners">Learners that it last reported.</param>
/// <param name="Waiting">What it waits for, as the group's leader says; empty where it says nothing.</param>
public sealed record ReplicaChangeStatus(
    ulong Id, GroupId Group, ImmutableArray<NodeId> Before, ImmutableArray<NodeId> Wanted, NodeId PreferredLeader, ReplicaPhase Phase, bool IsCancelled,
    ImmutableArray<NodeId> Voters, ImmutableArray<NodeId> Learners, string Waiting, ImmutableArray<ReplicaEntry> Log);

/// <summary>Asks for another preferred leader of a shard among its replicas; leadership follows when that one has caught up. Safe to repeat.</summary>
/// <param name="From">Preferred leader on which the request was built; another one than that of the moment is refused.</param>
public sealed record TransferLeader(NodeId From, NodeId To, string By, string Reason);

/// <summary>Asks for another replica in the place of one. The absent node as <paramref name="From"/> only adds, as <paramref name="To"/> only removes.</summary>
public sealed record ReplaceReplica(NodeId From, NodeId To, string By, string Reason);
