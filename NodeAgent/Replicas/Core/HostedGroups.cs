using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>
/// Which groups a node holds, and what it remembers of those whose copy it deleted: an order to open may come late, after the copy that it made has been deleted again, and must
/// not bring it back. Immutable; replaced whole, and durable before anybody is told.
/// </summary>
/// <param name="Held">The groups that are here.</param>
/// <param name="Deleted">Groups that were here and are not now.</param>
internal sealed record HostedGroups(ImmutableSortedDictionary<GroupId, HostedGroup> Held, ImmutableSortedDictionary<GroupId, DeletedGroup> Deleted)
{
    public static readonly HostedGroups None = new(ImmutableSortedDictionary<GroupId, HostedGroup>.Empty, ImmutableSortedDictionary<GroupId, DeletedGroup>.Empty);

    /// <summary>Those that a node holds since the founding.</summary>
    public static HostedGroups Founded(IEnumerable<GroupId> groups) => None with { Held = groups.ToImmutableSortedDictionary(g => g, _ => default(HostedGroup)) };

    /// <summary>The change for which a group was opened here last; 0: since the founding; null: it is not here.</summary>
    public ulong? OpenedBy(GroupId group) => Held.TryGetValue(group, out var held) ? held.OpenedBy : null;

    /// <summary>
    /// True where an order to open a group for a change is an old one: a later change has opened it, or the copy that this change or a later one opened has been deleted. That copy
    /// was deleted because the group's committed configuration did not name this node any more, which only a newer change can alter.
    /// </summary>
    public bool IsOld(GroupId group, ulong change) =>
        Held.TryGetValue(group, out var held) ? held.OpenedBy > change : Deleted.TryGetValue(group, out var deleted) && deleted.OpenedBy >= change;

    /// <summary>The group is here, opened for a change. One that is here already is only marked.</summary>
    /// <param name="votesFrom">Used where it is not here: it may have been.</param>
    public HostedGroups Open(GroupId group, ulong change, ulong votesFrom) =>
        new(Held.SetItem(group, new HostedGroup(change, Held.TryGetValue(group, out var held) ? held.VotesFrom : votesFrom)), Deleted.Remove(group));

    /// <summary>Term and vote with which a copy begins that is made anew: what the leader that asks says, unless the deleted copy was in a later term. No term is ever forgotten.</summary>
    public HardState FirstState(GroupId group, HardState told) =>
        Deleted.TryGetValue(group, out var deleted) && deleted.Term > told.Term ? new HardState(deleted.Term, deleted.Vote, 0) : told;

    /// <summary>The copy of a group is deleted, which was in a term and had voted in it. Nothing changes where it is not here.</summary>
    public HostedGroups Delete(GroupId group, HardState last) => OpenedBy(group) is { } openedBy
        ? new HostedGroups(Held.Remove(group), Deleted.SetItem(group, new DeletedGroup(openedBy, last.Term, last.Vote)))
        : this;
}
