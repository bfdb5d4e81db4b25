using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>Binary form of what a node says of itself. On the wire: append-only, never renumber.</summary>
internal static class MemberCodec
{
    /// <summary>Longest name, zone and cluster id, bytes of UTF-8.</summary>
    public const int MaxNameBytes = 64;

    /// <summary>Longest host, bytes of UTF-8: the longest DNS name.</summary>
    public const int MaxHostBytes = 253;

    public static void Write(WireWriter writer, NodeMeta meta)
    {
        var member = meta.Member;
        writer.Node(member.Id);
        writer.Text(member.Name);
        writer.Text(member.Zone);
        writer.Text(meta.ClusterId);
        writer.Varint(member.Capacity.CpuMillicores);
        writer.Varint(member.Capacity.MemoryBytes);
        writer.Varint(member.Capacity.DiskBytesPerSecond);
        writer.Varint(member.Capacity.NetworkBytesPerSecond);
        writer.Text(member.Addresses.Host);
        writer.Varint(member.Addresses.ClientPort);
        writer.Varint(member.Addresses.PeerPort);
        writer.Varint(member.Addresses.GossipPort);
        writer.Varint(member.Addresses.AdminPort);
    }

    public static NodeMeta ReadMeta(ref WireReader reader)
    {
        var id = reader.Node();
        var name = reader.Text(MaxNameBytes);
        var zone = reader.Text(MaxNameBytes);
        var cluster = reader.Text(MaxNameBytes);
        var capacity = new NodeCapacity(
            (int)reader.Number(0, int.MaxValue), reader.Number(0, long.MaxValue), reader.Number(0, long.MaxValue), reader.Number(0, long.MaxValue));
        var host = reader.Text(MaxHostBytes);
        if (host.Length == 0)
        {
            reader.Fail();
        }

        var addresses = new NodeAddresses(host, Port(ref reader), Port(ref reader), Port(ref reader), Port(ref reader));
        return new NodeMeta(new Member(id, name, zone, capacity, addresses), cluster);
    }

    public static void Write(WireWriter writer, NodeGossip gossip)
    {
        writer.Varint(gossip.Epoch);
        writer.Fixed(gossip.MapDigest);
        writer.Figure(gossip.Use.CpuMillicores);
        writer.Varint(gossip.Use.MemoryBytes);
        writer.Figure(gossip.Use.DiskBytesPerSecond);
        writer.Figure(gossip.Use.NetworkBytesPerSecond);
        writer.Node(gossip.MetaLeader);
        writer.Varint(gossip.MetaTerm);
        writer.Varint(gossip.Leads.Length);
        foreach (var led in gossip.Leads)
        {
            writer.Varint((ulong)led.Shard.Value);
            writer.Varint(led.Term);
            writer.Varint(led.PredictedMillicores);
        }

        writer.Varint(gossip.Migrations.Length);
        foreach (var migration in gossip.Migrations)
        {
            writer.Varint(migration.Id);
            writer.Byte((byte)migration.Phase);
            writer.Varint(migration.CopiedBytes);
        }

        writer.Varint(gossip.Hottest.Length);
        foreach (var heat in gossip.Hottest)
        {
            writer.Varint((ulong)heat.Segment.Value);
            writer.Varint(heat.Millicores);
        }
    }

    public static NodeGossip ReadGossip(ref WireReader reader)
    {
        var epoch = reader.Varint();
        var digest = reader.Fixed();
        var use = new NodeUse(
            reader.Number(0, long.MaxValue), reader.Number(0, long.MaxValue), reader.Number(0, long.MaxValue), reader.Number(0, long.MaxValue));
        var metaLeader = reader.OptionalNode();
        var metaTerm = reader.Varint();
        var leads = ImmutableArray.CreateBuilder<LedShard>();
        for (var count = reader.Number(0, NodeGossip.MaxShards); count > 0 && !reader.Failed; count--)
        {
            leads.Add(new LedShard(new ShardId((ushort)reader.Number(1, ushort.MaxValue)), reader.Varint(), (int)reader.Number(0, int.MaxValue)));
        }

        var migrations = ImmutableArray.CreateBuilder<MigrationGossip>();
        for (var count = reader.Number(0, NodeGossip.MaxMigrations); count > 0 && !reader.Failed; count--)
        {
            migrations.Add(new MigrationGossip(reader.Varint(), (MigrationPhase)reader.Byte(), reader.Number(0, long.MaxValue)));
        }

        var hottest = ImmutableArray.CreateBuilder<SegmentHeat>();
        for (var count = reader.Number(0, NodeGossip.MaxHottest); count > 0 && !reader.Failed; count--)
        {
            hottest.Add(new SegmentHeat(new SegmentId((ushort)reader.Number(0, ushort.MaxValue)), (int)reader.Number(0, int.MaxValue)));
        }

        return new NodeGossip
        {
            Epoch = epoch,
            MapDigest = digest,
            Use = use,
            MetaLeader = metaLeader,
            MetaTerm = metaTerm,
            Leads = leads.ToImmutable(),
            Migrations = migrations.ToImmutable(),
            Hottest = hottest.ToImmutable(),
        };
    }

    private static int Port(ref WireReader reader) => (int)reader.Number(1, 65535);
}
