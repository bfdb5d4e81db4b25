using System.Buffers;
using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Migration;

/// <summary>A shard's state machine with a log that a test writes entry by entry. The one command is "key=value".</summary>
internal sealed class MachineScript
{
    public static readonly SegmentId Segment = new(5);
    public static readonly SegmentId Other = new(6);

    public MachineScript(bool owned, SegmentRules? rules = null)
    {
        IsOwnedAtFirst = owned;
        Machine = NewMachine(owned, rules);
    }

    public bool IsOwnedAtFirst { get; }

    public ShardMachine Machine { get; }

    public SegmentReplica Replica => Machine.Segment(Segment);

    public List<Entry> Log { get; } = [];

    public static ShardMachine NewMachine(bool owned, SegmentRules? rules = null) =>
        new(new ShardId(1), 64, owned ? [Segment, Other] : [], Executor.Instance, rules);

    public ApplyOutcome Apply(byte[] entry, long timeMs = 0)
    {
        ShardEntryCodec.RaiseTime(entry, timeMs);
        var logged = new Entry(1, (ulong)Log.Count + 1, EntryKind.Normal, entry);
        Log.Add(logged);
        return Machine.Apply(logged, 2, null).Outcome;
    }

    public ApplyOutcome Write(string key, string value) => Apply(Command(Segment, key, value));

    public ApplyOutcome Stream(ulong migration, StreamMessage message) => Apply(ShardEntryCodec.StreamApply(Segment, migration, message));

    public string? Look(string key) => Look(Replica, key);

    public static byte[] Command(SegmentId segment, string key, string value) => ShardEntryCodec.Command(segment, Encoding.UTF8.GetBytes($"{key}={value}"));

    public static string? Look(SegmentReplica replica, string key) =>
        replica.Table is { } table && table.TryGet(Encoding.UTF8.GetBytes(key), out var value) ? Encoding.UTF8.GetString(value.Bytes) : null;

    /// <summary>A chunk with everything in it, of one bucket.</summary>
    public static StreamChunk Chunk(ulong index, params (string Key, string Value)[] pairs) => new(index, 0, 1, 0, pairs.Length, Sets(pairs));

    public static StreamEffects Effects(ulong previous, ulong index, params (string Key, string Value)[] pairs) => new(previous, index, 0, 1, Sets(pairs));

    public static StreamMarker Marker(ulong index, bool final, params (string Key, string Value)[] pairs)
    {
        using var table = Table(pairs);
        return new StreamMarker(index, 0, 1, [table.Digest(0, 1)], final);
    }

    public static SegmentTable Table(params (string Key, string Value)[] pairs)
    {
        var table = new SegmentTable();
        EffectCodec.Apply(Sets(pairs), table, new ImportCursor(0, 1, 1, []));
        return table;
    }

    /// <summary>Brings an Absent segment to Importing(m) with all of the given data and Ready.</summary>
    public void ImportUntilReady(ulong migration, params (string Key, string Value)[] pairs)
    {
        Apply(ShardEntryCodec.Importing(Segment, migration, 0));
        Stream(migration, Chunk(10, pairs));
        Stream(migration, Marker(10, final: true, pairs));
    }

    private static byte[] Sets((string Key, string Value)[] pairs)
    {
        var to = new ArrayBufferWriter<byte>();
        foreach (var (key, value) in pairs)
        {
            EffectCodec.Set(to, Encoding.UTF8.GetBytes(key), new StoredValue(ValueKind.String, Encoding.UTF8.GetBytes(value), 0));
        }

        return to.WrittenSpan.ToArray();
    }

    private sealed class Executor : ICommandExecutor
    {
        public static readonly Executor Instance = new();

        public void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
        {
            var at = command.IndexOf((byte)'=');
            table.Set(command[..at], ValueKind.String, command[(at + 1)..], 0);
            reply?.Write("+OK\r\n"u8);
        }
    }
}
