using System.Buffers;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Bytes of the messages between replicas: kind (1), from (8), to (8), term, then the fields in the order of the record. Numbers are base-128 varints of at
/// most 10 bytes, ids 8 bytes little endian, flags one byte 0 or 1. On the wire: append-only, never renumber the kinds.
/// Entries of a message are consecutive, so their indices do not travel; a byte holds the kind and, as its highest bit, whether a new term follows.
/// </summary>
internal static class RaftMessageCodec
{
    private const byte NewTerm = 0x80;

    private enum Kind : byte
    {
        PreVoteRequest = 1,
        PreVoteResponse = 2,
        VoteRequest = 3,
        VoteResponse = 4,
        AppendRequest = 5,
        AppendResponse = 6,
        HeartbeatRequest = 7,
        HeartbeatResponse = 8,
        SnapshotRequest = 9,
        TimeoutNowRequest = 10,
    }

    /// <summary>Writes <paramref name="message"/>; the data of entries are copied.</summary>
    public static void Write(IBufferWriter<byte> output, RaftMessage message)
    {
        var to = new WireWriter(output);
        to.Byte((byte)KindOf(message));
        to.Id(message.From);
        to.Id(message.To);
        to.Number(message.Term);
        switch (message)
        {
            case PreVoteRequest m: to.Numbers(m.LastIndex, m.LastTerm); break;
            case PreVoteResponse m: to.Flag(m.Rejected); to.Numbers(m.Commit, m.CommitTerm); break;
            case VoteRequest m: to.Numbers(m.LastIndex, m.LastTerm); to.Flag(m.Forced); break;
            case VoteResponse m: to.Flag(m.Rejected); to.Numbers(m.Commit, m.CommitTerm); break;
            case AppendRequest m: to.Numbers(m.PrevIndex, m.PrevTerm); to.Number(m.Commit); WriteEntries(to, m.Entries); break;
            case AppendResponse m: to.Number(m.Index); to.Flag(m.Rejected); to.Numbers(m.HintIndex, m.HintTerm); break;
            case HeartbeatRequest m: to.Numbers(m.Commit, m.LeaderCommit); to.Number(m.Round); break;
            case HeartbeatResponse m: to.Number(m.Round); break;
            case SnapshotRequest m: WriteMark(to, m.Mark); break;
        }
    }

    /// <summary>Reads one message from the beginning of <paramref name="bytes"/>. False: this is no message; nothing is thrown. Nothing of the result points into <paramref name="bytes"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RaftMessage? message, out int consumed)
    {
        var from = new WireReader(bytes);
        message = Read(ref from);
        consumed = from.Failed ? 0 : from.Position;
        message = from.Failed || message is null || message.From == 0 || message.To == 0 ? null : message;
        return message is not null;
    }

    /// <summary>Writes a snapshot mark as it stands in a message; for stores too.</summary>
    public static void WriteMark(IBufferWriter<byte> output, SnapshotMark mark) => WriteMark(new WireWriter(output), mark);

    /// <summary>Reads what <see cref="WriteMark(IBufferWriter{byte}, SnapshotMark)"/> wrote. False: this is no mark.</summary>
    public static bool TryReadMark(ReadOnlySpan<byte> bytes, out SnapshotMark mark, out int consumed)
    {
        var from = new WireReader(bytes);
        var read = ReadMark(ref from);
        (mark, consumed) = from.Failed ? (SnapshotMark.None, 0) : (read, from.Position);
        return !from.Failed;
    }

    private static Kind KindOf(RaftMessage message) => message switch
    {
        PreVoteRequest => Kind.PreVoteRequest,
        PreVoteResponse => Kind.PreVoteResponse,
        VoteRequest => Kind.VoteRequest,
        VoteResponse => Kind.VoteResponse,
        AppendRequest => Kind.AppendRequest,
        AppendResponse => Kind.AppendResponse,
        HeartbeatRequest => Kind.HeartbeatRequest,
        HeartbeatResponse => Kind.HeartbeatResponse,
        SnapshotRequest => Kind.SnapshotRequest,
        TimeoutNowRequest => Kind.TimeoutNowRequest,
        _ => throw new ArgumentException($"{message.GetType().Name} has no place on the wire.", nameof(message)),
    };

    private static RaftMessage? Read(ref WireReader b)
    {
        var kind = (Kind)b.Byte();
        var (from, to, term) = (b.Id(), b.Id(), b.Number());
        return kind switch
        {
            Kind.PreVoteRequest => new PreVoteRequest(from, to, term, b.Number(), b.Number()),
            Kind.PreVoteResponse => new PreVoteResponse(from, to, term, b.Flag(), b.Number(), b.Number()),
            Kind.VoteRequest => new VoteRequest(from, to, term, b.Number(), b.Number(), b.Flag()),
            Kind.VoteResponse => new VoteResponse(from, to, term, b.Flag(), b.Number(), b.Number()),
            Kind.AppendRequest => ReadAppend(ref b, from, to, term),
            Kind.AppendResponse => new AppendResponse(from, to, term, b.Number(), b.Flag(), b.Number(), b.Number()),
            Kind.HeartbeatRequest => new HeartbeatRequest(from, to, term, b.Number(), b.Number(), b.Number()),
            Kind.HeartbeatResponse => new HeartbeatResponse(from, to, term, b.Number()),
            Kind.SnapshotRequest => new SnapshotRequest(from, to, term, ReadMark(ref b)),
            Kind.TimeoutNowRequest => new TimeoutNowRequest(from, to, term),
            _ => null,
        };
    }

    private static void WriteEntries(WireWriter to, IReadOnlyList<Entry> entries)
    {
        to.Number((ulong)entries.Count);
        to.Number((ulong)Sizes.Of(entries));
        var term = 0UL;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            to.Byte((byte)((byte)entry.Kind | (entry.Term != term ? NewTerm : 0)));
            if (entry.Term != term)
            {
                to.Number(term = entry.Term);
            }

            to.Number((ulong)entry.Data.Length);
        }

        for (var i = 0; i < entries.Count; i++)
        {
            to.Bytes(entries[i].Data.Span);
        }
    }

    private static AppendRequest? ReadAppend(ref WireReader b, ulong from, ulong to, ulong term)
    {
        var (previous, previousTerm, commit) = (b.Number(), b.Number(), b.Number());
        var count = b.Number();
        var size = b.Number();

        // An entry takes two bytes at least: no more is allocated than what has arrived could mean.
        if (b.Failed || count > (ulong)b.Left / 2 || size > (ulong)b.Left || previous > ulong.MaxValue - count)
        {
            b.Fail();
            return null;
        }

        var entries = count == 0 ? [] : new Entry[count];
        var data = size == 0 ? [] : new byte[size];
        var (entryTerm, at) = (0UL, 0);
        for (var i = 0; i < entries.Length; i++)
        {
            var tag = b.Byte();
            entryTerm = (tag & NewTerm) != 0 ? b.Number() : entryTerm;
            var length = b.Number();
            var kind = tag & ~NewTerm;
            if (b.Failed || length > (ulong)(data.Length - at) || kind > (byte)EntryKind.ConfigurationV2)
            {
                b.Fail();
                return null;
            }

            entries[i] = new Entry(entryTerm, previous + 1 + (ulong)i, (EntryKind)kind, data.AsMemory(at, (int)length));
            at += (int)length;
        }

        if (at != data.Length || !b.TryCopy(data))
        {
            b.Fail();
            return null;
        }

        return new AppendRequest(from, to, term, previous, previousTerm, entries, commit);
    }

    private static void WriteMark(WireWriter to, SnapshotMark mark)
    {
        var c = mark.Configuration;
        to.Numbers(mark.Index, mark.Term);
        to.Ids(c.Voters);
        to.Ids(c.VotersOutgoing);
        to.Ids(c.Learners);
        to.Ids(c.LearnersNext);
        to.Flag(c.AutoLeave);
    }

    private static SnapshotMark ReadMark(ref WireReader b) =>
        new(b.Number(), b.Number(), new ConfigurationState(b.Ids(), b.Ids(), b.Ids(), b.Ids(), b.Flag()));
}
