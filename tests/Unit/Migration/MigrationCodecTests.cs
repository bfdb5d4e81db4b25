using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

public sealed class MigrationCodecTests
{
    private static readonly StreamTag Tag = new(7, 9);

    private static MigrationMessage[] All() =>
    [
        new StreamProbe(3, new SegmentId(5), Tag),
        new StreamData(3, new SegmentId(5), Tag, MachineScript.Effects(10, 12, ("a", "1"))),
        new StreamData(3, new SegmentId(5), Tag, MachineScript.Chunk(12, ("a", "1"), ("b", ""))),
        new StreamData(3, new SegmentId(5), Tag, MachineScript.Marker(12, true, ("a", "1"))),
        new StreamData(3, new SegmentId(5), Tag, new StreamRestart(12, 5, 2, [new(1, 2), new(3, 4)])),
        new StreamAnswer(3, new SegmentId(5), Tag, true, false, new ImportCursor(12, 3, 4, [1, 2]), 11, true),
        new AskRecords(4, [3, 300]),
        new RecordsAnswer(4, 99, [new MigrationOrder(3, new SegmentId(5), new ShardId(1), new ShardId(2), 0, MigrationPhase.Shadowing, true, false, true, 8, false, true, false)], new CopyLimits(5, 6, true)),
        new RecordsPushed(98, [new MigrationOrder(4, new SegmentId(6), new ShardId(2), new ShardId(1), 3, MigrationPhase.Retaining, true, true, true, 9, true, false, true)], new CopyLimits(7, 8, false)),
        new ProposeToMeta(new CommitMigration(1, 3, 17)),
        new StreamProgress(3, 1, 2, 3, 4, 5.5, 6, 7, true, 8),
        new ProposeToMeta(new NoteClosed(1, 3, 2500)),
        new TargetServes(3, new SegmentId(5)),
        new ClosedNoted(3),
        RecordsChanged.Instance,
    ];

    [Fact]
    public void Every_message_comes_out_of_its_bytes_as_it_went_in()
    {
        foreach (var body in All())
        {
            var bytes = Write(body);
            var read = MigrationMessageCodec.Read(bytes)!;

            Assert.Equal((GroupId.Of(new ShardId(1)), GroupId.Meta, body.GetType()), (read.From, read.To, read.Body.GetType()));
            Assert.Equal(bytes, Write(read.Body));
        }
    }

    [Fact]
    public void Bytes_that_are_cut_off_or_have_more_behind_them_are_refused()
    {
        foreach (var body in All())
        {
            var bytes = Write(body);
            Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Null(MigrationMessageCodec.Read(bytes.AsMemory(0, length))));
            Assert.Null(MigrationMessageCodec.Read(bytes.Append((byte)0).ToArray()));
        }
    }

    [Fact]
    public void Any_flipped_byte_is_read_without_harm()
    {
        foreach (var bytes in All().Select(Write))
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var flipped = bytes.ToArray();
                flipped[i] ^= 0xff;
                Assert.Null(Record.Exception(() => MigrationMessageCodec.Read(flipped)));
            }
        }
    }

    [Fact]
    public void A_segments_state_survives_its_checkpoint_and_a_damaged_one_is_refused()
    {
        var target = new MachineScript(owned: false);
        target.ImportUntilReady(3, ("a", "1"));
        var state = SegmentStateCodec.Encode(target.Replica);
        var read = new SegmentReplica(MachineScript.Segment);

        Assert.True(SegmentStateCodec.TryDecode(state, read));
        Assert.Equal(state, SegmentStateCodec.Encode(read));
        Assert.Equal((SegmentState.Importing, 3UL, true, 10UL), (read.State, read.Fence, read.Ready, read.Cursor.Index));
        Assert.All(Enumerable.Range(0, state.Length), length => Assert.False(SegmentStateCodec.TryDecode(state.AsSpan(0, length), read)));
        state[0]++;
        Assert.False(SegmentStateCodec.TryDecode(state, read));
    }

    [Fact]
    public void An_entrys_time_is_raised_and_never_lowered()
    {
        var entry = MachineScript.Command(MachineScript.Segment, "a", "1");
        ShardEntryCodec.RaiseTime(entry, 500);
        ShardEntryCodec.RaiseTime(entry, 400);

        Assert.Equal(new ShardEntryHead(ShardEntryKind.Command, 500, MachineScript.Segment), ShardEntryCodec.Head(entry));
        Assert.Equal("a=1"u8.ToArray(), ShardEntryCodec.Body(entry).ToArray());
    }

    private static byte[] Write(MigrationMessage body)
    {
        var to = new ArrayBufferWriter<byte>();
        MigrationMessageCodec.Write(to, new ShardMessage(GroupId.Of(new ShardId(1)), GroupId.Meta, body));
        return to.WrittenSpan.ToArray();
    }
}
