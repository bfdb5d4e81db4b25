using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>One UDP message: who sends it, for which cluster, what it asks, and the rumours that ride along.</summary>
/// <param name="ClusterTag"><see cref="ClusterTags.Of"/> the sender's cluster.</param>
internal sealed record Datagram(NodeId From, ulong ClusterTag, SwimBody Body, IReadOnlyList<Rumour> Rumours);

/// <summary>What a datagram asks or answers; one sealed record per kind.</summary>
internal abstract record SwimBody;

/// <summary>Asks for an <see cref="Ack"/>. Only the named node answers: another one may have taken its address.</summary>
internal sealed record Ping(uint Sequence, NodeId Target) : SwimBody;

/// <summary>The answer to a ping, or the relayed one to an <see cref="IndirectPing"/>.</summary>
internal sealed record Ack(uint Sequence) : SwimBody;

/// <summary>Asks the receiver to ping a third node.</summary>
internal sealed record IndirectPing(uint Sequence, NodeId Target, GossipAddress Address) : SwimBody;

/// <summary>The receiver of an <see cref="IndirectPing"/> is well, but got no answer in time.</summary>
internal sealed record Nack(uint Sequence) : SwimBody;

/// <summary>Rumours only.</summary>
internal sealed record GossipOnly : SwimBody;

/// <summary>Something said of a member; passed on until it was sent often enough.</summary>
internal abstract record Rumour(NodeId Subject);

/// <summary>The member itself says that it is there, with this incarnation.</summary>
internal sealed record AliveRumour(NodeMeta Meta, ulong Incarnation) : Rumour(Meta.Member.Id);

/// <summary><paramref name="By"/> did not reach the member.</summary>
internal sealed record SuspectRumour(NodeId Subject, ulong Incarnation, NodeId By) : Rumour(Subject);

/// <summary>The suspicion of <paramref name="By"/> ran out; where By is the member itself, it left.</summary>
internal sealed record DeadRumour(NodeId Subject, ulong Incarnation, NodeId By) : Rumour(Subject);

/// <summary>A member's payload.</summary>
internal sealed record PayloadRumour(NodeId Subject, ulong Version, NodeGossip Gossip) : Rumour(Subject);

/// <summary>All that a node knows, exchanged over TCP.</summary>
internal sealed record PushPull(NodeId From, ulong ClusterTag, bool IsReply, IReadOnlyList<MemberRecord> Members);

/// <summary>One member in a <see cref="PushPull"/>.</summary>
internal sealed record MemberRecord(NodeMeta Meta, ulong Incarnation, MemberState State, ulong GossipVersion, NodeGossip Gossip);

/// <summary>A cluster's id in eight bytes, sent with every message.</summary>
internal static class ClusterTags
{
    /// <summary>First 8 bytes of SHA-256 of the id; 0 for no cluster yet.</summary>
    public static ulong Of(string clusterId) =>
        clusterId.Length == 0 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(clusterId)));

    /// <summary>A node without a cluster talks with all; two with different ones do not talk.</summary>
    public static bool AreForeign(ulong a, ulong b) => a != 0 && b != 0 && a != b;

    /// <summary>The same for ids.</summary>
    public static bool AreForeign(string a, string b) => a.Length > 0 && b.Length > 0 && a != b;
}
