using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>Begins a change of a group's replicas, whose id is this entry's index. One that leads to the same is answered as the one under way.</summary>
/// <param name="Expected">Replicas on which the request was built, ascending; others than those of the moment are refused.</param>
/// <param name="Wanted">Replicas that are wanted, ascending, 1 to <see cref="ReplicaOptions.MaxReplicas"/>.</param>
/// <param name="PreferredLeader">One of the wanted ones; the absent node: the one of now where it stays, else the first that is added.</param>
internal sealed record SetReplicas(
    long UnixMs, GroupId Group, ImmutableArray<NodeId> Expected, ImmutableArray<NodeId> Wanted, NodeId PreferredLeader, string By, string Reason) : MetaCommand(UnixMs)
{
    /// <summary>The node that is to be emptied; the absent node where it is no part of a drain.</summary>
    public NodeId Emptied { get; init; }

    /// <summary>The node whose damaged copy goes, so that it comes again from the others; the absent node where it is no repair.</summary>
    public NodeId Repairs { get; init; }
}

/// <summary>The group has committed and left any joint configuration: these are its voters and learners as of an index of its log.</summary>
/// <param name="Target">Voters to which the group's leader was told to come: one that does not know yet that it is to go back may go on, so its report ends nothing.</param>
internal sealed record NoteReplicas(long UnixMs, ulong Change, ulong Index, ImmutableArray<NodeId> Target, ImmutableArray<NodeId> Voters, ImmutableArray<NodeId> Learners) : MetaCommand(UnixMs);

/// <summary>The group goes back to the replicas of before.</summary>
internal sealed record CancelReplicas(long UnixMs, ulong Change, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>A node that belongs to the cluster from now on. A member that is known is answered as before, where all of it is the same.</summary>
internal sealed record MemberJoined(long UnixMs, Member Member) : MetaCommand(UnixMs)
{
    /// <summary>Shards that are born with it, 0 to 64: it is their only voter until M has given them their other replicas. 0 where not every member reads such a command.</summary>
    public int Shards { get; init; }

    /// <inheritdoc/>
    public override int Level => Shards > 0 ? 3 : 1;
}

/// <summary>A member that holds no replica any more goes.</summary>
internal sealed record MemberLeft(long UnixMs, NodeId Node, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>A member is to be emptied and gets no new replicas, or no longer; then what was under way for it is cancelled.</summary>
internal sealed record DrainMember(long UnixMs, NodeId Node, bool Drains, string By, string Reason) : MetaCommand(UnixMs)
{
    /// <summary>Shards that go with it: a plan empties them, then M removes them, and until then the node keeps its replicas of them. Those that it leads alone count.</summary>
    public ImmutableArray<ShardId> Retires { get; init; } = [];

    /// <inheritdoc/>
    public override int Level => Retires.IsDefaultOrEmpty ? 1 : 3;
}

/// <summary>Another replica of a shard is its preferred leader from now on; leadership follows it. One that is it already is answered as before.</summary>
/// <param name="Expected">Preferred leader on which the request was built.</param>
internal sealed record SetLeader(long UnixMs, ShardId Shard, NodeId Expected, NodeId Leader, string By, string Reason) : MetaCommand(UnixMs)
{
    /// <inheritdoc/>
    public override int Level => 2;
}
