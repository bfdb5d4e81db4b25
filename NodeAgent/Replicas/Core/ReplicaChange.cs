using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>The meta group's record of a change of one group's replicas. Persisted in its snapshot.</summary>
/// <param name="Id">Index of the entry that began it.</param>
/// <param name="Before">Replicas when it began, ascending.</param>
/// <param name="Wanted">Replicas that it leads to, ascending.</param>
/// <param name="PreferredBefore">Preferred leader when it began; the absent node for the meta group.</param>
/// <param name="PreferredLeader">Preferred leader once it votes; the absent node for the meta group.</param>
internal sealed record ReplicaChange(
    ulong Id, GroupId Group, ImmutableArray<NodeId> Before, ImmutableArray<NodeId> Wanted, NodeId PreferredBefore, NodeId PreferredLeader)
{
    public ReplicaPhase Phase { get; init; } = ReplicaPhase.Requested;

    /// <summary>It goes back to <see cref="Before"/>.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>The node that it helps to empty; the absent node where it is no part of a drain.</summary>
    public NodeId Emptied { get; init; }

    /// <summary>The node whose damaged copy it removes: when it is done, a change follows that gives the group a replica there again. The absent node where it is no repair.</summary>
    public NodeId Repairs { get; init; }

    /// <summary>Voters that the group last reported, ascending; empty before.</summary>
    public ImmutableArray<NodeId> Voters { get; init; } = [];

    /// <summary>Learners that the group last reported, ascending.</summary>
    public ImmutableArray<NodeId> Learners { get; init; } = [];

    /// <summary>Index of the group's log as of which they are; 0 before the first report.</summary>
    public ulong NotedIndex { get; init; }

    /// <summary>Its phases, oldest first; at least the first.</summary>
    public ImmutableArray<ReplicaEntry> Log { get; init; } = [];

    /// <summary>The replicas to which the group has to come.</summary>
    public ImmutableArray<NodeId> Target => IsCancelled ? Before : Wanted;

    /// <summary>The preferred leader among <see cref="Target"/>.</summary>
    public NodeId TargetLeader => IsCancelled ? PreferredBefore : PreferredLeader;

    /// <summary>What the group's leader has to carry out.</summary>
    /// <param name="shown">The preferred leader that the map shows: while that one stays, nobody else is to lead.</param>
    public ReplicaOrder ToOrder(NodeId shown) => new(Id, Target, Target.Contains(shown) ? shown : TargetLeader);

    /// <summary>The phase that a report of the group stands for.</summary>
    public ReplicaPhase PhaseOf(ImmutableArray<NodeId> voters, ImmutableArray<NodeId> learners) =>
        voters.SequenceEqual(Target) && learners.IsEmpty ? IsCancelled ? ReplicaPhase.Cancelled : ReplicaPhase.Done
        : voters.Length > 0 && Target.All(voters.Contains) ? ReplicaPhase.Changing
        : learners.IsEmpty ? ReplicaPhase.Requested : ReplicaPhase.CatchingUp;

    /// <summary>
    /// True where a report says more than the one that was noted last: it is of a later index, or of the same one and the same replicas but now of another phase, since the change
    /// was cancelled after it. A group to which nobody writes has no later index to report.
    /// </summary>
    public bool MayNote(ulong index, ImmutableArray<NodeId> voters, ImmutableArray<NodeId> learners) => index > NotedIndex
        || (index == NotedIndex && voters.SequenceEqual(Voters) && learners.SequenceEqual(Learners) && PhaseOf(voters, learners) != Phase);

    /// <summary>The record with one more row in its log.</summary>
    public ReplicaChange Enter(ReplicaPhase phase, long unixMs, string by, ulong raftIndex, string reason) =>
        this with { Phase = phase, Log = Log.Add(new ReplicaEntry(phase, unixMs, by, raftIndex, reason)) };

    /// <summary>In the words of the contract.</summary>
    public ReplicaChangeStatus ToStatus(string waiting) =>
        new(Id, Group, Before, Wanted, PreferredLeader, Phase, IsCancelled, Voters, Learners, waiting, Log);
}

/// <summary>What a group's leader is told to carry out.</summary>
/// <param name="Change">Id of the record.</param>
/// <param name="Target">The voters that the group has to come to, ascending.</param>
/// <param name="PreferredLeader">Who of them leads best; the absent node: nobody in particular.</param>
internal sealed record ReplicaOrder(ulong Change, ImmutableArray<NodeId> Target, NodeId PreferredLeader);
