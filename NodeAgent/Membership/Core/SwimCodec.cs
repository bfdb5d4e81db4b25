using System.Diagnostics.CodeAnalysis;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// Binary form of gossip's messages, without the seal. On the wire: append-only, never renumber; a change that an older node could not read gets a new version.
/// Reading never throws: rubbish is answered with false.
/// </summary>
internal static class SwimCodec
{
    /// <summary>Most that a datagram takes beside its rumours and an address, bytes.</summary>
    public const int MaxHeaderBytes = 48;

    /// <summary>Most that the address of an <see cref="IndirectPing"/> takes, bytes.</summary>
    public const int MaxAddressBytes = 260;

    /// <summary>Most that one suspicion or death takes, bytes.</summary>
    public const int MaxAccusationBytes = 27;

    private const byte Magic = 0x53;
    private const byte Version = 1;
    private const byte PingKind = 1, AckKind = 2, IndirectPingKind = 3, NackKind = 4, GossipKind = 5, PushKind = 16, PullKind = 17;
    private const byte AliveKind = 1, SuspectKind = 2, DeadKind = 3, PayloadKind = 4;
    private const int MaxRumours = 256;

    public static void Write(WireWriter writer, Datagram datagram)
    {
        WriteHeader(writer, datagram.From, datagram.ClusterTag, datagram.Body switch
        {
            Ping => PingKind,
            Ack => AckKind,
            IndirectPing => IndirectPingKind,
            Nack => NackKind,
            _ => GossipKind,
        });
        switch (datagram.Body)
        {
            case Ping ping:
                writer.Varint((ulong)ping.Sequence);
                writer.Node(ping.Target);
                break;
            case Ack ack:
                writer.Varint((ulong)ack.Sequence);
                break;
            case Nack nack:
                writer.Varint((ulong)nack.Sequence);
                break;
            case IndirectPing indirect:
                writer.Varint((ulong)indirect.Sequence);
                writer.Node(indirect.Target);
                writer.Text(indirect.Address.Host);
                writer.Varint(indirect.Address.Port);
                break;
        }

        writer.Varint(datagram.Rumours.Count);
        foreach (var rumour in datagram.Rumours)
        {
            Write(writer, rumour);
        }
    }

    public static void Write(WireWriter writer, PushPull message, int maxMembers)
    {
        WriteHeader(writer, message.From, message.ClusterTag, message.IsReply ? PullKind : PushKind);
        var count = Math.Min(message.Members.Count, maxMembers);
        writer.Varint(count);
        foreach (var member in message.Members.Take(count))
        {
            MemberCodec.Write(writer, member.Meta);
            writer.Varint(member.Incarnation);
            writer.Byte((byte)member.State);
            writer.Varint(member.GossipVersion);
            MemberCodec.Write(writer, member.Gossip);
        }
    }

    public static void Write(WireWriter writer, Rumour rumour)
    {
        switch (rumour)
        {
            case AliveRumour alive:
                writer.Byte(AliveKind);
                MemberCodec.Write(writer, alive.Meta);
                writer.Varint(alive.Incarnation);
                break;
            case SuspectRumour suspect:
                WriteAccusation(writer, SuspectKind, suspect.Subject, suspect.Incarnation, suspect.By);
                break;
            case DeadRumour dead:
                WriteAccusation(writer, DeadKind, dead.Subject, dead.Incarnation, dead.By);
                break;
            case PayloadRumour payload:
                writer.Byte(PayloadKind);
                writer.Node(payload.Subject);
                writer.Varint(payload.Version);
                MemberCodec.Write(writer, payload.Gossip);
                break;
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out Datagram? datagram)
    {
        datagram = null;
        var reader = new WireReader(data);
        if (!TryReadHeader(ref reader, out var kind, out var from, out var tag))
        {
            return false;
        }

        SwimBody body;
        switch (kind)
        {
            case PingKind:
                body = new Ping((uint)reader.Number(0, uint.MaxValue), reader.Node());
                break;
            case AckKind:
                body = new Ack((uint)reader.Number(0, uint.MaxValue));
                break;
            case IndirectPingKind:
                body = new IndirectPing((uint)reader.Number(0, uint.MaxValue), reader.Node(), new GossipAddress(reader.Text(MemberCodec.MaxHostBytes), (int)reader.Number(1, 65535)));
                break;
            case NackKind:
                body = new Nack((uint)reader.Number(0, uint.MaxValue));
                break;
            case GossipKind:
                body = new GossipOnly();
                break;
            default:
                return false;
        }

        var rumours = new List<Rumour>();
        for (var count = reader.Number(0, MaxRumours); count > 0 && !reader.Failed; count--)
        {
            if (ReadRumour(ref reader) is { } rumour)
            {
                rumours.Add(rumour);
            }
        }

        datagram = reader.IsComplete ? new Datagram(from, tag, body, rumours) : null;
        return datagram is not null;
    }

    public static bool TryRead(ReadOnlySpan<byte> data, int maxMembers, [NotNullWhen(true)] out PushPull? message)
    {
        message = null;
        var reader = new WireReader(data);
        if (!TryReadHeader(ref reader, out var kind, out var from, out var tag) || kind is not (PushKind or PullKind))
        {
            return false;
        }

        var members = new List<MemberRecord>();
        for (var count = reader.Number(0, maxMembers); count > 0 && !reader.Failed; count--)
        {
            var meta = MemberCodec.ReadMeta(ref reader);
            var incarnation = reader.Varint();
            var state = (MemberState)reader.Number((byte)MemberState.Alive, (byte)MemberState.Left);
            members.Add(new MemberRecord(meta, incarnation, state, reader.Varint(), MemberCodec.ReadGossip(ref reader)));
        }

        message = reader.IsComplete ? new PushPull(from, tag, kind == PullKind, members) : null;
        return message is not null;
    }

    private static Rumour? ReadRumour(ref WireReader reader)
    {
        switch (reader.Byte())
        {
            case AliveKind:
                return new AliveRumour(MemberCodec.ReadMeta(ref reader), reader.Varint());
            case SuspectKind:
                return new SuspectRumour(reader.Node(), reader.Varint(), reader.Node());
            case DeadKind:
                return new DeadRumour(reader.Node(), reader.Varint(), reader.Node());
            case PayloadKind:
                return new PayloadRumour(reader.Node(), reader.Varint(), MemberCodec.ReadGossip(ref reader));
            default:
                reader.Fail();
                return null;
        }
    }

    private static void WriteAccusation(WireWriter writer, byte kind, NodeId subject, ulong incarnation, NodeId by)
    {
        writer.Byte(kind);
        writer.Node(subject);
        writer.Varint(incarnation);
        writer.Node(by);
    }

    private static void WriteHeader(WireWriter writer, NodeId from, ulong tag, byte kind)
    {
        writer.Byte(Magic);
        writer.Byte(Version);
        writer.Byte(kind);
        writer.Node(from);
        writer.Fixed(tag);
    }

    private static bool TryReadHeader(ref WireReader reader, out byte kind, out NodeId from, out ulong tag)
    {
        var known = reader.Byte() == Magic && reader.Byte() == Version;
        kind = reader.Byte();
        from = reader.Node();
        tag = reader.Fixed();
        return known && !reader.Failed;
    }
}
