using System.Buffers;
using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Messages between leaders on the wire: format version, both groups, kind, fields. Append kinds, never change one.</summary>
internal static class MigrationMessageCodec
{
    /// <summary>Version that is written and read.</summary>
    public const byte Version = 1;

    /// <summary>Migrations that one message may name.</summary>
    public const int MaxOrders = 4096;

    private enum Kind : byte
    {
        Probe = 1,
        Data = 2,
        Answer = 3,
        Ask = 4,
        Records = 5,
        Propose = 6,
        Progress = 7,
        Changed = 8,
        Pushed = 9,
        Serves = 10,
        Noted = 11,
        Wait = 12,
    }

    public static void Write(IBufferWriter<byte> to, ShardMessage message)
    {
        to.U8(Version);
        to.U16(message.From.Value);
        to.U16(message.To.Value);
        switch (message.Body)
        {
            case StreamProbe m:
                Stream(to, Kind.Probe, m.Migration, m.Segment, m.Tag);
                break;

            case StreamData m:
                Stream(to, Kind.Data, m.Migration, m.Segment, m.Tag);
                StreamMessageCodec.Write(to, m.Message);
                break;

            case StreamAnswer m:
                Stream(to, Kind.Answer, m.Migration, m.Segment, m.Tag);
                to.Flag(m.Importing);
                to.Flag(m.Restarts);
                SegmentStateCodec.WriteCursor(to, m.Cursor);
                to.U64(m.VerifiedIndex);
                to.Flag(m.Ready);
                to.Varint((ulong)m.ClientP99Micros);
                break;

            case AskRecords m:
                to.U8((byte)Kind.Ask);
                to.U64(m.Question);
                to.Varint((ulong)m.Held.Length);
                foreach (var id in m.Held)
                {
                    to.Varint(id);
                }

                break;

            case RecordsAnswer m:
                WriteRecords(to, m);
                break;

            case ProposeToMeta m:
                to.U8((byte)Kind.Propose);
                to.Bytes(m.Command.Encode());
                break;

            case StreamProgress m:
                WriteProgress(to, m);
                break;

            case RecordsPushed m:
                to.U8((byte)Kind.Pushed);
                to.U64(m.AppliedIndex);
                WriteLimits(to, m.Limits);
                WriteOrders(to, m.Orders);
                break;

            case TargetServes m:
                to.U8((byte)Kind.Serves);
                to.U64(m.Migration);
                to.U16(m.Segment.Value);
                break;

            case ClosedNoted m:
                to.U8((byte)Kind.Noted);
                to.U64(m.Migration);
                break;

            case ClientsWait m:
                to.U8((byte)Kind.Wait);
                to.I64(m.P99Micros);
                break;

            case RecordsChanged:
                to.U8((byte)Kind.Changed);
                break;

            default:
                throw new ArgumentOutOfRangeException(nameof(message), message.Body.GetType().Name, "There is no code for this message.");
        }
    }

    /// <summary>Reads a message that takes up all of the bytes; null where it is malformed or of another version. Its contents point into the given memory.</summary>
    public static ShardMessage? Read(ReadOnlyMemory<byte> data)
    {
        var reader = new WireReader(data.Span);
        if (reader.U8() != Version)
        {
            return null;
        }

        var from = new GroupId(reader.U16());
        var to = new GroupId(reader.U16());
        var kind = (Kind)reader.U8();
        var body = kind switch
        {
            Kind.Probe or Kind.Data or Kind.Answer => ReadStream(ref reader, kind, data),
            Kind.Ask => ReadAsk(ref reader),
            Kind.Records => ReadRecords(ref reader),
            Kind.Propose => MetaCommand.Decode(reader.Bytes(1 << 20)) is { } command ? new ProposeToMeta(command) : null,
            Kind.Progress => ReadProgress(ref reader),
            Kind.Changed => RecordsChanged.Instance,
            Kind.Pushed => ReadPushed(ref reader),
            Kind.Serves => new TargetServes(reader.U64(), new SegmentId(reader.U16())),
            Kind.Wait => new ClientsWait((int)reader.I64()),
            Kind.Noted => new ClosedNoted(reader.U64()),
            _ => (MigrationMessage?)null,
        };
        return body is null || reader.Failed || !reader.AtEnd ? null : new ShardMessage(from, to, body);
    }

    private static void Stream(IBufferWriter<byte> to, Kind kind, ulong migration, SegmentId segment, StreamTag tag)
    {
        to.U8((byte)kind);
        to.U64(migration);
        to.U16(segment.Value);
        to.U64(tag.Term);
        to.Varint(tag.Attempt);
    }

    private static MigrationMessage? ReadStream(ref WireReader reader, Kind kind, ReadOnlyMemory<byte> data)
    {
        var migration = reader.U64();
        var segment = new SegmentId(reader.U16());
        var tag = new StreamTag(reader.U64(), (uint)reader.Count(int.MaxValue));
        switch (kind)
        {
            case Kind.Probe:
                return new StreamProbe(migration, segment, tag);

            case Kind.Answer:
                return new StreamAnswer(migration, segment, tag, reader.Flag(), reader.Flag(), SegmentStateCodec.ReadCursor(ref reader), reader.U64(), reader.Flag())
                {
                    ClientP99Micros = reader.Count(int.MaxValue),
                };

            default:
                var message = reader.Failed ? null : StreamMessageCodec.Read(data[reader.Position..]);
                reader.Rest();
                return message is null ? null : new StreamData(migration, segment, tag, message);
        }
    }

    private static AskRecords ReadAsk(ref WireReader reader)
    {
        var question = reader.U64();
        var held = ImmutableArray.CreateBuilder<ulong>();
        var count = reader.Count(MaxOrders);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            held.Add(reader.Varint());
        }

        return new AskRecords(question, held.ToImmutable());
    }

    private static void WriteRecords(IBufferWriter<byte> to, RecordsAnswer m)
    {
        to.U8((byte)Kind.Records);
        to.U64(m.Question);
        to.U64(m.ReadIndex);
        WriteLimits(to, m.Limits);
        WriteOrders(to, m.Orders);
    }

    private static void WriteLimits(IBufferWriter<byte> to, CopyLimits limits)
    {
        to.I64(limits.StreamBytesPerSecond);
        to.I64(limits.NodeBytesPerSecond);
        to.Flag(limits.Halted);
    }

    private static void WriteOrders(IBufferWriter<byte> to, ImmutableArray<MigrationOrder> orders)
    {
        to.Varint((ulong)orders.Length);
        foreach (var order in orders)
        {
            to.U64(order.Id);
            to.U16(order.Segment.Value);
            to.U16(order.From.Value);
            to.U16(order.To.Value);
            to.U64(order.Base);
            to.U8((byte)order.Phase);
            to.Flag(order.Admitted);
            to.Flag(order.Paused);
            to.Flag(order.Verified);
            to.U64(order.Epoch);
            to.Flag(order.Activated);
            to.Flag(order.FromEnded);
            to.Flag(order.ToEnded);
        }
    }

    private static RecordsAnswer ReadRecords(ref WireReader reader)
    {
        var (question, readIndex) = (reader.U64(), reader.U64());
        var limits = ReadLimits(ref reader);
        return new RecordsAnswer(question, readIndex, ReadOrders(ref reader), limits);
    }

    private static RecordsPushed ReadPushed(ref WireReader reader)
    {
        var (appliedIndex, limits) = (reader.U64(), ReadLimits(ref reader));
        return new RecordsPushed(appliedIndex, ReadOrders(ref reader), limits);
    }

    private static CopyLimits ReadLimits(ref WireReader reader) => new(reader.I64(), reader.I64(), reader.Flag());

    private static ImmutableArray<MigrationOrder> ReadOrders(ref WireReader reader)
    {
        var orders = ImmutableArray.CreateBuilder<MigrationOrder>();
        var count = reader.Count(MaxOrders);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            orders.Add(new MigrationOrder(
                reader.U64(), new SegmentId(reader.U16()), new ShardId(reader.U16()), new ShardId(reader.U16()), reader.U64(), (MigrationPhase)reader.U8(),
                reader.Flag(), reader.Flag(), reader.Flag(), reader.U64(), reader.Flag(), reader.Flag(), reader.Flag()));
        }

        return orders.ToImmutable();
    }

    private static void WriteProgress(IBufferWriter<byte> to, StreamProgress m)
    {
        to.U8((byte)Kind.Progress);
        to.U64(m.Migration);
        to.I64(m.CopiedKeys);
        to.I64(m.CopiedBytes);
        to.I64(m.TotalKeys);
        to.I64(m.TotalBytes);
        to.U64(BitConverter.DoubleToUInt64Bits(m.BytesPerSecond));
        to.I64(m.LagEntries);
        to.I64(m.LagBytes);
        to.Flag(m.Verified);
        to.I64(m.ClosedMicros);
        to.I64(m.AllowedBytesPerSecond);
        to.U64(BitConverter.DoubleToUInt64Bits(m.EtaSeconds ?? -1));
    }

    private static StreamProgress ReadProgress(ref WireReader reader) => new(
        reader.U64(), reader.I64(), reader.I64(), reader.I64(), reader.I64(), BitConverter.UInt64BitsToDouble(reader.U64()), reader.I64(), reader.I64(),
        reader.Flag(), reader.I64())
    {
        AllowedBytesPerSecond = reader.I64(),
        EtaSeconds = BitConverter.UInt64BitsToDouble(reader.U64()) is >= 0 and var eta ? eta : null,
    };
}
