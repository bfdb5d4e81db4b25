using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>A message about replicas and members, as JSON in a frame of its own kind. It may come late, twice or never. Kinds and fields are only added.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReplicasHint), "hint")]
[JsonDerivedType(typeof(AskOrder), "ask")]
[JsonDerivedType(typeof(OrderAnswer), "order")]
[JsonDerivedType(typeof(ReplicasReport), "report")]
[JsonDerivedType(typeof(OpenReplica), "open")]
[JsonDerivedType(typeof(ReplicaOpened), "opened")]
[JsonDerivedType(typeof(AskKept), "askKept")]
[JsonDerivedType(typeof(NotKept), "notKept")]
[JsonDerivedType(typeof(ReplicaDamaged), "damaged")]
[JsonDerivedType(typeof(JoinRequest), "join")]
[JsonDerivedType(typeof(JoinAnswer), "joined")]
[JsonDerivedType(typeof(SaysLevel), "level")]
[JsonDerivedType(typeof(BearShard), "bear")]
[JsonDerivedType(typeof(ShardBorn), "born")]
[JsonDerivedType(typeof(AskExists), "askExists")]
[JsonDerivedType(typeof(ShardGone), "gone")]
internal abstract record ReplicaMessage(GroupId Group)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null where the bytes are no message of this version.</summary>
    public static ReplicaMessage? Decode(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<ReplicaMessage>(data, Json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>M's leader to a group's leader: the meta group has something for you; ask.</summary>
internal sealed record ReplicasHint(GroupId Group) : ReplicaMessage(Group);

/// <summary>A group's leader to M's leader: what are my replicas to be? Answered after a read-index that M confirms later than the question.</summary>
/// <param name="Term">Term of the asking leader; with <paramref name="Question"/> it names the question.</param>
internal sealed record AskOrder(GroupId Group, ulong Term, ulong Question) : ReplicaMessage(Group);

/// <summary>The answer. No order: nothing is to be changed.</summary>
internal sealed record OrderAnswer(GroupId Group, ulong Term, ulong Question, ReplicaOrder? Order) : ReplicaMessage(Group);

/// <summary>A group's leader to M's leader: how far it is. Configurations are reported when they are not joint.</summary>
/// <param name="Index">Index of the group's log as of which voters and learners are.</param>
/// <param name="Target">Voters to which it was told to come.</param>
/// <param name="Waiting">What it waits for; empty: for nothing.</param>
internal sealed record ReplicasReport(
    GroupId Group, ulong Change, ulong Index, ImmutableArray<NodeId> Target, ImmutableArray<NodeId> Voters, ImmutableArray<NodeId> Learners, string Waiting) : ReplicaMessage(Group);

/// <summary>A group's leader to a node that is to hold a replica: open the group, with an empty log where you have none.</summary>
/// <param name="AppliedIndex">Index of the group's log at which its configuration does not name the node: see <see cref="RaftOptions.VotesFrom"/>.</param>
/// <param name="Term">The leader's term: nothing of a former one concerns the new copy. 0: from a version that did not say it.</param>
internal sealed record OpenReplica(GroupId Group, string ClusterId, ulong Change, ulong AppliedIndex, ulong Term) : ReplicaMessage(Group);

/// <summary>The group is open here for that change: that is durable, and no answer to an older question closes it any more.</summary>
internal sealed record ReplicaOpened(GroupId Group, ulong Change) : ReplicaMessage(Group);

/// <summary>A node that the map does not name any more to the group's leader: does your configuration still name me?</summary>
/// <param name="OpenedBy">Change for which the group was opened here last; 0: it is here since the founding.</param>
internal sealed record AskKept(GroupId Group, ulong OpenedBy) : ReplicaMessage(Group);

/// <summary>The leader, confirmed by a quorum after the question: the group's committed configuration does not name you. The copy that was opened by that change may go.</summary>
internal sealed record NotKept(GroupId Group, ulong OpenedBy) : ReplicaMessage(Group);

/// <summary>A node to M's leader: my copy of the group is damaged and not open. Sent again while it is so.</summary>
/// <param name="OpenedBy">Change for which it was opened here last; 0: it is here since the founding.</param>
/// <param name="Detail">What is damaged.</param>
internal sealed record ReplicaDamaged(GroupId Group, ulong OpenedBy, string Detail) : ReplicaMessage(Group);

/// <summary>A node with an empty folder to M's leader: let me be a member. Sent again until it is answered.</summary>
/// <param name="FormatVersion">Of what the node would write and send, see <see cref="Founding.FormatVersion"/>.</param>
internal sealed record JoinRequest(Member Member, int FormatVersion) : ReplicaMessage(GroupId.Meta)
{
    /// <summary>Highest <see cref="Migration.Core.MetaCommand.Level"/> that the node reads; a version that does not say it reads 1.</summary>
    public int Level { get; init; } = 1;
}

/// <summary>The answer. Accepted: the genesis of that cluster may be taken when it is offered.</summary>
/// <param name="Detail">Why not, in a sentence that says what to do; empty where it is accepted.</param>
internal sealed record JoinAnswer(bool Accepted, string ClusterId, string Detail) : ReplicaMessage(GroupId.Meta);

/// <summary>A member to M's leader, every second while the cluster is below it: I read commands of M up to this level. A version that does not know the message reads 1.</summary>
internal sealed record SaysLevel(int Level) : ReplicaMessage(GroupId.Meta);

/// <summary>M's leader to a node: open this shard, which was born for you, as its only voter. Sent again until M has noted that it is open.</summary>
/// <param name="Birth">Index of M's entry that bore it: goes like the id of a change of replicas, so that an order that comes late opens nothing a second time.</param>
internal sealed record BearShard(GroupId Group, string ClusterId, ulong Birth) : ReplicaMessage(Group);

/// <summary>A node to M's leader: the shard is open here; that is durable.</summary>
internal sealed record ShardBorn(GroupId Group, ulong Birth) : ReplicaMessage(Group);

/// <summary>A node to M's leader: the map does not know a shard of which I have a copy; is it no more?</summary>
/// <param name="OpenedBy">As in <see cref="AskKept"/>.</param>
internal sealed record AskExists(GroupId Group, ulong OpenedBy) : ReplicaMessage(Group);

/// <summary>M's leader, confirmed by a quorum after the question: the shard was removed, empty, and does not come back. The copy that was opened by that change may go.</summary>
internal sealed record ShardGone(GroupId Group, ulong OpenedBy) : ReplicaMessage(Group);
