using System.Buffers;
using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation.Traces;

/// <summary>One shard of a trace: the real state machine under a log that the trace writes, and the effects that its stream would send.</summary>
internal sealed class TraceShard : ICommandExecutor
{
    /// <summary>Two buckets with one key each.</summary>
    public const int Buckets = 2;

    private readonly SegmentId segment;
    private readonly List<(ulong Previous, ulong Index, byte[] Effects)> stream = [];
    private ulong index = 1;

    public TraceShard(ShardId shard, SegmentId segment, bool owns)
    {
        this.segment = segment;
        Machine = new ShardMachine(shard, SimOptions.SegmentCount, owns ? [segment] : [], this);
        Machine.RestoreGroup(1, 0);
    }

    public ShardMachine Machine { get; private set; }

    public SegmentReplica Replica => Machine.Segment(segment);

    /// <summary>Appends and applies; tells the leader, where there is one.</summary>
    public ApplyOutcome Apply(byte[] entry, Action<ApplyResult>? leader = null)
    {
        var before = Replica.LastIndex;
        var result = Machine.Apply(new Entry(1, ++index, EntryKind.Normal, entry), 2, null);
        if (result.Outcome == ApplyOutcome.Applied && Replica.LastIndex == index)
        {
            stream.Add((before, index, result.Kind == ShardEntryKind.Command ? Effect(ShardEntryCodec.Body(entry)) : []));
        }

        leader?.Invoke(result);
        return result.Outcome;
    }

    /// <summary>A client's command: "k0=1", or "k0&lt;k1", which copies.</summary>
    public bool Write(string command) => Apply(ShardEntryCodec.Command(segment, Encoding.UTF8.GetBytes(command))) == ApplyOutcome.Applied;

    /// <summary>A message of a migration's stream.</summary>
    public bool Take(ulong migration, StreamMessage message) => Apply(ShardEntryCodec.StreamApply(segment, migration, message)) == ApplyOutcome.Applied;

    /// <summary>The bucket as it is now.</summary>
    public StreamChunk Chunk(int bucket)
    {
        var content = new ArrayBufferWriter<byte>();
        var keys = 0;
        Replica.Table!.VisitBucket(bucket, Buckets, (ReadOnlySpan<byte> key, in StoredValue value) =>
        {
            EffectCodec.Set(content, key, value);
            keys++;
            return true;
        });
        return new StreamChunk(Replica.LastIndex, 0, Buckets, bucket, keys, content.WrittenMemory);
    }

    /// <summary>What entry number <paramref name="fromLast"/> from the end did, as the stream sends it; null: there is none.</summary>
    public StreamEffects? Effects(int fromLast = 0) => stream.Count <= fromLast ? null : EffectsOf(stream[^(fromLast + 1)]);

    /// <summary>The effects of everything behind a cursor, in order.</summary>
    public IEnumerable<StreamEffects> EffectsBehind(ulong cursor) => stream.Where(e => e.Previous >= cursor).Select(EffectsOf).ToList();

    /// <summary>The digests as of now.</summary>
    public StreamMarker Marker(bool final) => new(Replica.LastIndex, 0, Buckets, [.. Digests()], final);

    /// <summary>The beginning of a stream back.</summary>
    public StreamRestart Restart() => new(Replica.LastIndex, 0, Buckets, [.. Digests()]);

    /// <summary>A restart of the replica from its checkpoint: nothing is left but what is written with it.</summary>
    public void RestartReplica()
    {
        var data = new ArrayBufferWriter<byte>();
        Replica.Table?.VisitBucket(0, 1, (ReadOnlySpan<byte> key, in StoredValue value) =>
        {
            EffectCodec.Set(data, key, value);
            return true;
        });
        SegmentTable? table = null;
        if (Replica.Table is not null)
        {
            table = new SegmentTable();
            EffectCodec.Apply(data.WrittenSpan, table, new ImportCursor(0, 1, 1, []));
        }

        var state = SegmentStateCodec.Encode(Replica);
        Machine = new ShardMachine(Machine.Shard, SimOptions.SegmentCount, [], this);
        Machine.RestoreGroup(index, 0);
        if (!Machine.TryRestore(segment, state, table, index))
        {
            throw new SimulationFailedException(Invariant.CoreCheck, $"The checkpoint of {Machine.Shard} cannot be read back.");
        }
    }

    /// <summary>What a key holds; "0": nothing, as in the model.</summary>
    public string Look(string key) => SimExecutor.Look(Replica, key) ?? "0";

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
    {
        var text = Encoding.UTF8.GetString(command);
        var parts = text.Split('=', '<');
        var value = text.Contains('<', StringComparison.Ordinal) ? Look(parts[1]) : parts[1];
        table.Set(Encoding.UTF8.GetBytes(parts[0]), ValueKind.String, Encoding.UTF8.GetBytes(value), 0);
    }

    private byte[] Effect(ReadOnlySpan<byte> command)
    {
        var key = Encoding.UTF8.GetString(command).Split('=', '<')[0];
        var effect = new ArrayBufferWriter<byte>();
        EffectCodec.Set(effect, Encoding.UTF8.GetBytes(key), new StoredValue(ValueKind.String, Encoding.UTF8.GetBytes(Look(key)), 0));
        return effect.WrittenSpan.ToArray();
    }

    private static StreamEffects EffectsOf((ulong Previous, ulong Index, byte[] Effects) entry) => new(entry.Previous, entry.Index, 0, 1, entry.Effects);

    private IEnumerable<BucketDigest> Digests() => Enumerable.Range(0, Buckets).Select(b => Replica.Table!.Digest(b, Buckets));
}
