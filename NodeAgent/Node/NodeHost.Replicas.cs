using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>Groups that come to the node and go from it while it runs. All on the raft loop's thread.</summary>
internal sealed partial class NodeHost
{
    /// <summary>Of a damaged copy: what happens with it, and what a person can do where nothing happens by itself.</summary>
    private const string WhatNow = "It is not open here, and the data folder is kept as it is. Where two other replicas are well it is made again from them by itself. "
        + "Where there are fewer, nobody can decide without it and it stays closed: put a copy of the folder from before the damage in its place, or give up what only it held and found the cluster anew.";

    private readonly HashSet<GroupId> opening = [];
    private HostedGroups hosted = HostedGroups.None;

    private volatile ImmutableSortedDictionary<GroupId, string> damaged = ImmutableSortedDictionary<GroupId, string>.Empty;

    /// <summary>Groups whose copy here is damaged, each with what is wrong: they are not open, answer nobody and vote for nobody, until the copy is deleted and comes from the others again. From any thread.</summary>
    public IReadOnlyDictionary<GroupId, string> DamagedGroups => damaged;

    /// <summary>The change for which a group was opened here last; 0: since the founding; null: it is not here.</summary>
    public ulong? OpenedBy(GroupId group) => hosted.OpenedBy(group);

    /// <summary>
    /// Opens a group for a change, with an empty log; one that is here stays as it is and is only marked. Calls back when that is durable; never, where the
    /// order is an old one (<see cref="HostedGroups.IsOld"/>), or the node belongs to no cluster.
    /// </summary>
    /// <param name="votesFrom">A replica that is not here now may have been: see <see cref="Consensus.Core.RaftOptions.VotesFrom"/>.</param>
    /// <param name="known">
    /// Term of the leader that asks, and itself as the vote in it. A copy that was deleted has forgotten its term: with none it would follow a leader that was deposed long ago and
    /// count for it, and take what was sent to the deleted copy for its own.
    /// </param>
    public void OpenGroup(GroupId group, ulong change, ulong votesFrom, HardState known, Action done) => Open(group, change, votesFrom, known, born: false, done);

    /// <summary>
    /// Opens a shard that was born for this node, as its only voter; one that is here stays as it is. Calls back when that is durable; never, where the order is an old one: a copy
    /// that was there and was deleted does not come again, or the shard would be there twice.
    /// </summary>
    /// <param name="birth">Index of M's entry that bore it.</param>
    public void BearGroup(GroupId group, ulong birth, Action done) => Open(group, birth, 0, default, born: true, done);

    private void Open(GroupId group, ulong change, ulong votesFrom, HardState known, bool born, Action done)
    {
        if (genesis is not { } founded || hosted.IsOld(group, change) || opening.Contains(group))
        {
            return;
        }

        if (!born && damaged.ContainsKey(group) && OpenedBy(group) < change)
        {
            // The group goes on without the damaged copy: it goes, and the next request finds none.
            Delete(group, default);
            return;
        }

        if (OpenedBy(group) == change)
        {
            Answer();
            return;
        }

        opening.Add(group);
        var (isNew, first) = (OpenedBy(group) is null, hosted.FirstState(group, known));
        var rest = hosted.Open(group, change, votesFrom);
        hosted = rest;
        Loop.Write(new StoreStep(
            4096,
            batch =>
            {
                batch.SetRecord(HostedStore.Place, HostedStore.Encode(rest));
                if (isNew && born)
                {
                    opener.AddFirstState(batch, group);
                }
                else if (isNew)
                {
                    batch.SetHardState(group, first);
                }
            },
            () =>
            {
                opening.Remove(group);
                if (isNew && OpenOrQuarantine(founded, group, rest.Held[group].VotesFrom) is { } replica)
                {
                    Host(replica);
                    Opened(log, group, change);
                }

                Answer();
            }));

        void Answer()
        {
            // A damaged one is known and not open.
            if (Loop.Find(group) is not null)
            {
                done();
            }
        }
    }

    /// <summary>Closes a group and deletes its copy: its own committed configuration does not name this node. False: not now, ask again.</summary>
    public bool TryCloseGroup(GroupId group)
    {
        if (damaged.ContainsKey(group))
        {
            Delete(group, default);
            return true;
        }

        if (Loop.Find(group) is not { Outstanding: null } replica)
        {
            return false;
        }

        snapshotSender.Forget(replica);
        Loop.Remove(replica);
        Migrations?.Detach(replica);
        snapshotReceiver.Forget(group);
        (meta, shards) = (replica == meta ? null : meta, [.. shards.Where(s => s != replica)]);
        knowledge.Host(meta, shards);
        replica.Close();
        knowledge.SignalChange();
        Delete(group, replica.Log.InitialHardState);
        return true;
    }

    private GroupReplica? OpenOrQuarantine(Genesis founded, GroupId group, ulong votesFrom)
    {
        List<string> found = [];
        var replica = opener.Open(founded, group, votesFrom, found);
        damaged = replica is null ? damaged.SetItem(group, $"The replica of {found.FirstOrDefault($"{group}")} {WhatNow}") : damaged;
        return replica;
    }

    /// <param name="last">Term and vote of the copy; none where they cannot be read.</param>
    private void Delete(GroupId group, HardState last)
    {
        hosted = hosted.Delete(group, last);
        var rest = hosted;
        Loop.Write(new StoreStep(
            4096,
            batch =>
            {
                batch.RemoveGroup(group);
                batch.SetRecord(HostedStore.Place, HostedStore.Encode(rest));
            },
            () =>
            {
                damaged = damaged.Remove(group);
                Closed(log, group);
            }));
    }

    private void Host(GroupReplica replica)
    {
        meta = replica as MetaReplica ?? meta;
        shards = replica is ShardReplica shard ? [.. shards, shard] : shards;
        Migrations?.Attach(replica);
        Loop.Add(replica);
        knowledge.Host(meta, shards);
        knowledge.SignalChange();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Group {Group} is opened here by change {Change}")]
    private static partial void Opened(ILogger logger, GroupId group, ulong change);

    [LoggerMessage(Level = LogLevel.Information, Message = "Group {Group} is closed here and its copy deleted: its configuration does not name this node any more")]
    private static partial void Closed(ILogger logger, GroupId group);
}
