using System.Buffers;
using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The replicated state machine of one shard's group: its segments and the group's time. One thread applies, in the order of the log, holding the locks of the segments
/// that <see cref="SegmentsOf"/> names. After recovery each segment stands at its own index, and entries that it has taken are skipped.
/// </summary>
internal sealed partial class ShardMachine
{
    private readonly SegmentReplica[] segments;
    private readonly ICommandExecutor executor;
    private readonly SegmentRules rules;
    private readonly Func<SegmentTable> newTable;
    private SegmentReplica[]? owned;

    /// <summary>The state of genesis: <paramref name="initiallyOwned"/> are Owned in epoch 1, all others Absent, nothing applied.</summary>
    /// <param name="shard">The shard of this group.</param>
    /// <param name="segmentCount">Segments of the cluster.</param>
    /// <param name="initiallyOwned">Segments that genesis gives to this shard.</param>
    /// <param name="executor">Executes commands.</param>
    /// <param name="rules">Null: <see cref="SegmentRules.Standard"/>.</param>
    /// <param name="newTable">Makes a segment's table; null: with its defaults.</param>
    public ShardMachine(
        ShardId shard, int segmentCount, IEnumerable<SegmentId> initiallyOwned, ICommandExecutor executor, SegmentRules? rules = null, Func<SegmentTable>? newTable = null)
    {
        Shard = shard;
        this.executor = executor;
        this.rules = rules ?? SegmentRules.Standard;
        this.newTable = newTable ?? (static () => new SegmentTable());
        segments = new SegmentReplica[segmentCount];
        for (var i = 0; i < segmentCount; i++)
        {
            segments[i] = new SegmentReplica(new SegmentId((ushort)i));
        }

        foreach (var id in initiallyOwned)
        {
            var segment = segments[id.Value];
            segment.State = SegmentState.Owned;
            segment.Epoch = 1;
            segment.Ownership = OwnershipHistory.SinceGenesis;
            segment.Table = this.newTable();
        }
    }

    public ShardId Shard { get; }

    /// <summary>All segments of the cluster, in order; those that the group does not hold are Absent.</summary>
    public IReadOnlyList<SegmentReplica> Segments => segments;

    /// <summary>The segments that are Owned, in order: few of all, and kept, so that who looks at each tick does not search for them. On the thread that applies.</summary>
    public IReadOnlyList<SegmentReplica> Owned => owned ??= [.. segments.Where(s => s.State == SegmentState.Owned)];

    /// <summary>Index of the last entry that was handed to <see cref="Apply"/>. While the log is replayed, segments may stand later.</summary>
    public ulong AppliedIndex { get; private set; }

    /// <summary>Latest time in an applied entry, Unix milliseconds. A leader gives no entry an earlier one: see <see cref="ShardEntryCodec.RaiseTime"/>.</summary>
    public long GroupTimeMs { get; private set; }

    public SegmentReplica Segment(SegmentId id) => segments[id.Value];

    /// <summary>
    /// The index as of which a checkpoint of the segment, made now, is. A segment that was restored stands later than the machine until the replay has reached its checkpoint; under
    /// the machine's index it would be handed on as older than it is, and whoever restores it would take the entries in between twice.
    /// </summary>
    public ulong CheckpointIndex(SegmentReplica segment) => Math.Max(AppliedIndex, segment.AppliedIndex);

    /// <summary>Puts a segment back as its checkpoint has it, before the log is replayed.</summary>
    /// <param name="state">As <see cref="SegmentStateCodec"/> wrote it.</param>
    /// <param name="table">The data; null for none.</param>
    /// <param name="appliedIndex">The checkpoint's index: entries up to it are skipped for this segment.</param>
    /// <returns>False where the state is malformed or of an unknown version: the checkpoint must be fetched again.</returns>
    public bool TryRestore(SegmentId id, ReadOnlySpan<byte> state, SegmentTable? table, ulong appliedIndex)
    {
        var segment = new SegmentReplica(id) { AppliedIndex = appliedIndex };
        if (!SegmentStateCodec.TryDecode(state, segment))
        {
            return false;
        }

        segments[id.Value].Table?.Dispose();
        segment.Table = segment.State == SegmentState.Absent ? null : table ?? newTable();
        segments[id.Value] = segment;
        owned = null;
        return true;
    }

    /// <summary>Puts the group's own record back: replay begins behind <paramref name="appliedIndex"/>, which is at or below that of every checkpoint that the log does not reach.</summary>
    public void RestoreGroup(ulong appliedIndex, long groupTimeMs)
    {
        AppliedIndex = appliedIndex;
        GroupTimeMs = groupTimeMs;
    }

    /// <summary>Notes that a checkpoint of the segment as of an index has become durable.</summary>
    public void Checkpointed(SegmentId id, ulong appliedIndex)
    {
        var segment = segments[id.Value];
        if (segment.AppliedIndex <= appliedIndex)
        {
            segment.DirtySince = 0;
            segment.LogBytes = 0;
        }
        else if (segment.DirtySince != 0 && segment.DirtySince <= appliedIndex)
        {
            segment.DirtySince = appliedIndex + 1;
        }
    }

    /// <summary>Adds the segments that an entry touches, ascending: lock them in this order.</summary>
    public void SegmentsOf(in Entry entry, List<SegmentReplica> into)
    {
        var data = entry.Data.Span;
        if (entry.Kind != EntryKind.Normal || data.IsEmpty)
        {
            return;
        }

        var head = ShardEntryCodec.Head(data);
        if (head.Kind == ShardEntryKind.Check)
        {
            return;
        }

        if (head.Kind != ShardEntryKind.Flush)
        {
            into.Add(Checked(head.Segment, entry.Index));
            return;
        }

        for (var body = ShardEntryCodec.Body(data); body.Length >= 2; body = body[2..])
        {
            into.Add(Checked(new SegmentId(BinaryPrimitives.ReadUInt16LittleEndian(body)), entry.Index));
        }
    }

    /// <summary>A hint that an entry will be applied soon. Only on the thread that applies.</summary>
    public void Expect(in Entry entry)
    {
        var data = entry.Data.Span;
        if (entry.Kind == EntryKind.Normal && data.Length > ShardEntryCodec.HeadBytes && ShardEntryCodec.Head(data) is { Kind: ShardEntryKind.Command } head
            && head.Segment.Value < segments.Length && segments[head.Segment.Value].Table is { } table)
        {
            executor.Expect(ShardEntryCodec.Body(data), table);
        }
    }

    /// <summary>Applies the next entry. A command's reply is written only where it is <see cref="ApplyOutcome.Applied"/>.</summary>
    /// <param name="entry">Committed; its index is above <see cref="AppliedIndex"/>.</param>
    /// <param name="protocol">RESP version of the reply, 2 or 3.</param>
    /// <param name="reply">Null where nobody waits.</param>
    /// <exception cref="InvalidDataException">The entry is malformed: the log is damaged, the group must stop.</exception>
    public ApplyResult Apply(in Entry entry, int protocol, IBufferWriter<byte>? reply)
    {
        if (entry.Index <= AppliedIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} of {Shard} was handed to apply at applied index {AppliedIndex}: entries are applied in order, once.");
        }

        AppliedIndex = entry.Index;
        var data = entry.Data.Span;
        if (entry.Kind != EntryKind.Normal || data.IsEmpty)
        {
            return ApplyResult.Foreign;
        }

        var head = ShardEntryCodec.Head(data);
        GroupTimeMs = Math.Max(GroupTimeMs, head.TimeMs);
        if (head.Kind == ShardEntryKind.Flush)
        {
            return ApplyFlush(entry, reply);
        }

        if (head.Kind == ShardEntryKind.Check)
        {
            return new ApplyResult(ApplyOutcome.Applied, head.Kind, head.Segment, false);
        }

        var segment = Checked(head.Segment, entry.Index);
        if (segment.AppliedIndex >= entry.Index)
        {
            return new ApplyResult(ApplyOutcome.Nothing, head.Kind, head.Segment, false);
        }

        Touch(segment, entry);
        return head.Kind switch
        {
            ShardEntryKind.Command => ApplyCommand(segment, entry, head, protocol, reply),
            ShardEntryKind.Expire => ApplyExpire(segment, entry, head, protocol, reply),
            ShardEntryKind.StreamApply => ApplyStream(segment, entry),
            ShardEntryKind.Repair => ApplyRepair(segment, entry),
            _ => ApplyControl(segment, entry, head),
        };
    }

    private SegmentReplica Checked(SegmentId id, ulong index) => id.Value < segments.Length
        ? segments[id.Value]
        : throw new InvalidDataException($"Entry {index} of {Shard} names segment {id}, outside 0..{segments.Length - 1}: the log is damaged.");

    private static void Touch(SegmentReplica segment, in Entry entry)
    {
        segment.AppliedIndex = entry.Index;
        segment.LogBytes += entry.Data.Length;
        if (segment.DirtySince == 0)
        {
            segment.DirtySince = entry.Index;
        }
    }

    private ApplyResult ApplyCommand(SegmentReplica segment, in Entry entry, in ShardEntryHead head, int protocol, IBufferWriter<byte>? reply)
    {
        if (!rules.Serves(segment))
        {
            return new ApplyResult(ApplyOutcome.NotOwned, head.Kind, head.Segment, false);
        }

        // The entry's own time, not the group's: replay may know a later one, and the decision must be the same.
        executor.Execute(ShardEntryCodec.Body(entry.Data.Span), segment.Table!, head.TimeMs, protocol, reply);
        Written(segment, entry.Index);
        return new ApplyResult(ApplyOutcome.Applied, head.Kind, head.Segment, false);
    }

    private ApplyResult ApplyExpire(SegmentReplica segment, in Entry entry, in ShardEntryHead head, int protocol, IBufferWriter<byte>? reply)
    {
        if (!rules.Serves(segment))
        {
            return new ApplyResult(ApplyOutcome.NotOwned, head.Kind, head.Segment, false);
        }

        var key = ShardEntryCodec.Body(entry.Data.Span);
        if (segment.Table!.TryGet(key, out var value) && value.ExpiresAtMs != 0 && value.ExpiresAtMs <= head.TimeMs)
        {
            segment.Table.Remove(key);
        }

        Written(segment, entry.Index);
        reply?.Write(protocol == 3 ? "_\r\n"u8 : "$-1\r\n"u8);
        return new ApplyResult(ApplyOutcome.Applied, head.Kind, head.Segment, false);
    }

    private ApplyResult ApplyFlush(in Entry entry, IBufferWriter<byte>? reply)
    {
        var named = new List<SegmentReplica>();
        SegmentsOf(entry, named);
        if (named.Count == 0)
        {
            throw new InvalidDataException($"Entry {entry.Index} of {Shard} clears no segment: the log is damaged.");
        }

        // A segment that stands at a later index than this entry says from its history what it was here.
        var index = entry.Index;
        var owned = named.TrueForAll(s => s.AppliedIndex < index ? rules.Serves(s) : s.Ownership.WasOwnedBefore(index));
        foreach (var segment in named)
        {
            if (segment.AppliedIndex >= index)
            {
                continue;
            }

            Touch(segment, entry);
            if (owned)
            {
                segment.Table!.Clear();
                Written(segment, index);
            }
        }

        if (owned)
        {
            reply?.Write("+OK\r\n"u8);
        }

        return new ApplyResult(owned ? ApplyOutcome.Applied : ApplyOutcome.NotOwned, ShardEntryKind.Flush, named[0].Id, false);
    }

    private static void Written(SegmentReplica segment, ulong index)
    {
        segment.LastIndex = index;
        segment.Outgoing?.Close(index);
    }
}
