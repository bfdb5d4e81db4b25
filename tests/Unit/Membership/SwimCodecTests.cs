using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Membership;

public sealed class SwimCodecTests
{
    private const int MaxMembers = 64;

    private static readonly NodeGossip FullGossip = new()
    {
        Epoch = ulong.MaxValue,
        MapDigest = 0xFEDCBA9876543210,
        Use = new NodeUse(499, 1L << 40, 12_345, 67_890),
        MetaLeader = new NodeId(9),
        MetaTerm = 128,
        Leads = [new LedShard(new ShardId(1), 127, 250), new LedShard(new ShardId(65535), ulong.MaxValue, int.MaxValue)],
        Migrations = [new MigrationGossip(77, MigrationPhase.CuttingOver, 1L << 33)],
        Hottest = [new SegmentHeat(new SegmentId(0), 3), new SegmentHeat(new SegmentId(16383), 400)],
    };

    [Fact]
    public void Every_kind_of_datagram_comes_back_as_it_was()
    {
        SwimBody[] bodies =
        [
            new Ping(uint.MaxValue, new NodeId(5)), new Ack(0), new IndirectPing(300, new NodeId(6), new GossipAddress("a.example", 65535)), new Nack(7), new GossipOnly(),
        ];
        foreach (var body in bodies)
        {
            var sent = new Datagram(new NodeId(3), 99, body, Rumours());
            Assert.True(SwimCodec.TryRead(Bytes(sent), out var read));
            Assert.Equal(sent with { Rumours = read.Rumours }, read);
            Assert.Equal(sent.Rumours, read.Rumours);
        }
    }

    [Fact]
    public void A_push_pull_comes_back_as_it_was()
    {
        var members = new[]
        {
            new MemberRecord(SwimNetwork.Meta(1, "c"), 5, MemberState.Alive, 3, FullGossip),
            new MemberRecord(SwimNetwork.Meta(2), 6, MemberState.Left, 0, NodeGossip.Empty),
        };
        var sent = new PushPull(new NodeId(3), 99, true, members);

        Assert.True(SwimCodec.TryRead(Bytes(sent), MaxMembers, out PushPull? read));

        Assert.Equal(sent with { Members = read.Members }, read);
        Assert.Equal(members, read.Members);
    }

    [Fact]
    public void What_is_cut_off_anywhere_or_has_a_byte_too_many_is_refused()
    {
        var datagram = Bytes(new Datagram(new NodeId(3), 99, new Ping(1, new NodeId(5)), Rumours()));
        var pushPull = Bytes(new PushPull(new NodeId(3), 99, false, [new MemberRecord(SwimNetwork.Meta(1, "c"), 5, MemberState.Alive, 3, FullGossip)]));

        Assert.All(Enumerable.Range(0, datagram.Length), n => Assert.False(SwimCodec.TryRead(datagram.AsSpan(0, n), out _)));
        Assert.All(Enumerable.Range(0, pushPull.Length), n => Assert.False(SwimCodec.TryRead(pushPull.AsSpan(0, n), MaxMembers, out _)));
        Assert.False(SwimCodec.TryRead([.. datagram, 0], out _));
        Assert.False(SwimCodec.TryRead([.. pushPull, 0], MaxMembers, out _));
        Assert.False(SwimCodec.TryRead(pushPull, out _));
        Assert.False(SwimCodec.TryRead(datagram, MaxMembers, out _));
    }

    [Fact]
    public void Rubbish_never_throws_and_what_is_read_can_be_taken_in()
    {
        var random = new Random(4711);
        byte[][] starts =
        [
            Bytes(new Datagram(new NodeId(3), 0, new IndirectPing(1, new NodeId(5), SwimNetwork.Address(4)), Rumours())),
            Bytes(new PushPull(new NodeId(3), 0, false, [new MemberRecord(SwimNetwork.Meta(1), 5, MemberState.Suspect, 3, FullGossip)])),
        ];
        var core = new SwimNetwork(1).Start(8);
        var read = 0;
        for (var i = 0; i < 8_000; i++)
        {
            // A fresh core now and then: the invented members are not what is tested here.
            core = i % 500 == 0 ? new SwimNetwork(1).Start(8) : core;
            var bytes = starts[i % 2].ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            if (SwimCodec.TryRead(bytes.AsSpan(0, length), out var datagram))
            {
                core.Receive(SwimNetwork.Address(3), datagram, i);
                read++;
            }

            if (SwimCodec.TryRead(bytes.AsSpan(0, length), MaxMembers, out PushPull? pushPull))
            {
                core.Answer(pushPull, i);
                read++;
            }

            if (i % 200 == 0)
            {
                core.Tick(i * 1000L);
                core.TakeOutput();
            }
        }

        Assert.InRange(read, 200, 8_000);
    }

    [Fact]
    public void A_list_longer_than_its_limit_is_refused_before_it_is_read()
    {
        var writer = new WireWriter();
        SwimCodec.Write(writer, new PushPull(new NodeId(3), 99, false, []), MaxMembers);
        var empty = writer.Written.ToArray();

        // The count is the last byte of an empty push/pull.
        byte[] huge = [.. empty[..^1], 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        Assert.False(SwimCodec.TryRead(huge, MaxMembers, out _));
        Assert.True(SwimCodec.TryRead(empty, MaxMembers, out _));
    }

    [Fact]
    public void A_seal_is_broken_by_any_changed_bit_and_by_another_key()
    {
        var seal = new SwimSeal("key"u8.ToArray());
        var writer = new WireWriter();
        writer.Bytes("message"u8);
        seal.Close(writer);
        var bytes = writer.Written.ToArray();

        Assert.Equal("message".Length + SwimSeal.Bytes, bytes.Length);
        Assert.True(seal.TryOpen(bytes, out var message));
        Assert.Equal("message"u8, message);
        Assert.False(new SwimSeal("kez"u8.ToArray()).TryOpen(bytes, out _));
        Assert.False(seal.TryOpen(bytes.AsSpan(0, 3), out _));
        Assert.All(Enumerable.Range(0, bytes.Length * 8), bit =>
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(seal.TryOpen(changed, out _));
        });
    }

    [Theory]
    [InlineData("127.0.0.1:7201", "127.0.0.1", 7201)]
    [InlineData("[::1]:7201", "::1", 7201)]
    [InlineData("host.example:1", "host.example", 1)]
    public void An_address_is_read_and_written(string text, string host, int port)
    {
        Assert.True(GossipAddress.TryParse(text, out var address));
        Assert.Equal(new GossipAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("7201")]
    [InlineData(":7201")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:x")]
    [InlineData("::1:7201")]
    public void What_is_no_address_is_refused(string text) => Assert.False(GossipAddress.TryParse(text, out _));

    private static Rumour[] Rumours() =>
    [
        new AliveRumour(SwimNetwork.Meta(1, "cluster"), 12), new SuspectRumour(new NodeId(2), 3, new NodeId(4)),
        new DeadRumour(new NodeId(2), ulong.MaxValue, new NodeId(2)), new PayloadRumour(new NodeId(7), 300, FullGossip),
    ];

    private static byte[] Bytes(Datagram datagram)
    {
        var writer = new WireWriter();
        SwimCodec.Write(writer, datagram);
        return writer.Written.ToArray();
    }

    private static byte[] Bytes(PushPull message)
    {
        var writer = new WireWriter();
        SwimCodec.Write(writer, message, MaxMembers);
        return writer.Written.ToArray();
    }
}
