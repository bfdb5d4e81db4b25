using System.Buffers;
using CsCheck;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>Messages survive the wire; rubbish is refused without an exception.</summary>
public sealed class RaftMessageCodecTests
{
    private static readonly Gen<ulong> Number = Gen.OneOf(Gen.ULong[0, 300], Gen.ULong);
    private static readonly Gen<ulong> Id = Gen.ULong[1, ulong.MaxValue];
    private static readonly Gen<IReadOnlyList<ulong>> Ids = Id.Array[0, 5].Select(a => (IReadOnlyList<ulong>)a);

    private static readonly Gen<SnapshotMark> Mark = Gen.Select(Number, Number, Ids, Ids, Ids, Gen.Bool, (index, term, voters, outgoing, learners, leave) =>
        new SnapshotMark(index, term, new ConfigurationState(voters, outgoing, learners, [.. learners.Take(1)], leave)));

    private static readonly Gen<AppendRequest> Append =
        Gen.Select(Id, Id, Number, Gen.ULong[0, 1UL << 60], Number, Gen.Select(Number, Gen.Int[0, 2], Gen.Byte.Array[0, 40]).Array[0, 8]).Select((from, to, term, previous, commit, entries) =>
            new AppendRequest(from, to, term, previous, term / 2, [.. entries.Select((e, i) => new Entry(e.Item1, previous + 1 + (ulong)i, (EntryKind)e.Item2, e.Item3))], commit));

    private static readonly Gen<RaftMessage> Message = Gen.OneOf(
        Append.Select(m => (RaftMessage)m),
        Gen.Select(Id, Id, Number, Mark, (f, t, term, mark) => (RaftMessage)new SnapshotRequest(f, t, term, mark)),
        Gen.Select(Id, Id, Number, Number, Number, Gen.Bool, Gen.Int[0, 7]).Select((f, t, term, a, b, flag, kind) => (RaftMessage)(kind switch
        {
            0 => new PreVoteRequest(f, t, term, a, b),
            1 => new PreVoteResponse(f, t, term, flag, a, b),
            2 => new VoteRequest(f, t, term, a, b, flag),
            3 => new VoteResponse(f, t, term, flag, a, b),
            4 => new AppendResponse(f, t, term, a, flag, b, a ^ b),
            5 => new HeartbeatRequest(f, t, term, a, b, a ^ b),
            6 => new HeartbeatResponse(f, t, term, a),
            _ => new TimeoutNowRequest(f, t, term),
        })));

    [Fact]
    public void Every_message_comes_back_as_it_was_and_consumes_exactly_its_bytes() => Message.Sample(message =>
    {
        var bytes = Written(message);
        byte[] followed = [.. bytes, 1, 2, 3];

        Assert.True(RaftMessageCodec.TryRead(followed, out var read, out var consumed));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equal(Text(message), Text(read));
    });

    [Fact]
    public void Every_message_cut_anywhere_is_refused() => Message.Sample(message =>
    {
        var bytes = Written(message);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(RaftMessageCodec.TryRead(bytes.AsSpan(0, length), out var read, out var consumed));
            Assert.Null(read);
            Assert.Equal(0, consumed);
        }
    }, iter: 300);

    [Fact]
    public void Rubbish_and_damaged_messages_never_throw() => Gen.Select(Message, Gen.Byte.Array[0, 60], Gen.Int[0, 10000], Gen.Byte).Sample((message, rubbish, at, value) =>
    {
        RaftMessageCodec.TryRead(rubbish, out _, out _);
        RaftMessageCodec.TryReadMark(rubbish, out _, out _);
        var bytes = Written(message);
        bytes[at % bytes.Length] = value;
        RaftMessageCodec.TryRead(bytes, out _, out _);
    });

    [Fact]
    public void A_count_that_claims_more_than_has_arrived_allocates_nothing()
    {
        byte[] bytes = [5, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0];

        Assert.False(RaftMessageCodec.TryRead(bytes, out _, out _));
    }

    [Fact]
    public void What_was_read_does_not_change_with_the_buffer_that_it_came_from()
    {
        var bytes = Written(new AppendRequest(1, 2, 3, 4, 3, [new Entry(3, 5, EntryKind.Normal, new byte[] { 7, 8 })], 4));
        RaftMessageCodec.TryRead(bytes, out var read, out _);
        Array.Clear(bytes);

        Assert.Equal([7, 8], Assert.IsType<AppendRequest>(read).Entries[0].Data.ToArray());
    }

    [Fact]
    public void A_snapshot_mark_comes_back_by_itself() => Mark.Sample(mark =>
    {
        var buffer = new ArrayBufferWriter<byte>();
        RaftMessageCodec.WriteMark(buffer, mark);

        Assert.True(RaftMessageCodec.TryReadMark(buffer.WrittenSpan, out var read, out var consumed));
        Assert.Equal((mark, buffer.WrittenCount), (read, consumed));
    });

    private static byte[] Written(RaftMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RaftMessageCodec.Write(buffer, message);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(RaftMessage message) => message is AppendRequest m
        ? $"{m.From} {m.To} {m.Term} {m.PrevIndex} {m.PrevTerm} {m.Commit} {string.Join(' ', m.Entries.Select(e => $"{e.Term}/{e.Index}/{e.Kind}/{Convert.ToHexString(e.Data.Span)}"))}"
        : message.ToString();
}
