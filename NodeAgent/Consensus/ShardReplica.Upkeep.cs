using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Expiry, snapshots and the group record.</summary>
internal sealed partial class ShardReplica
{
    private ReadOnlyMemory<byte> record;
    private StagedSnapshot? staged;
    private ulong expiringUntil;
    private uint expireFrom;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> SnapshotRecord => record;

    /// <summary>The group record as it has to be written with a mark made now.</summary>
    public byte[] RecordNow()
    {
        var bytes = new byte[9];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), machine.GroupTimeMs);
        return bytes;
    }

    /// <summary>Reads a group record; an empty one is time 0. False for anything else.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> record, out long groupTimeMs)
    {
        groupTimeMs = record.Length == 9 ? BinaryPrimitives.ReadInt64LittleEndian(record[1..]) : 0;
        return record.IsEmpty || (record.Length == 9 && record[0] == 1);
    }

    /// <summary>The record of a new snapshot mark is durable.</summary>
    public void UseRecord(ReadOnlyMemory<byte> written) => record = written;

    /// <inheritdoc/>
    public override IEnumerable<SnapshotPart> SnapshotParts()
    {
        for (var i = 0; i < machine.Segments.Count; i++)
        {
            var segment = machine.Segments[i];
            if (segment.State != SegmentState.Absent || segment.Fence != 0)
            {
                yield return Encode(segment);
            }
        }
    }

    /// <summary>
    /// A segment as it is now, as of the index at which it stands. On the loop's thread, where nothing is being applied. The log need not be replayed yet: a commit index is written
    /// only with the next entries, so a restarted leader may send a snapshot before it has committed again what its checkpoints hold.
    /// </summary>
    public SnapshotPart Encode(SegmentReplica segment)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        lock (Gate(segment.Id))
        {
            if (segment.Table is { } table)
            {
                TableChunkCodec.EncodeTable(table, TableChunkCodec.DefaultChunkBytes, chunk => chunks.Add(chunk.ToArray()));
            }

            return new SnapshotPart(segment.Id, machine.CheckpointIndex(segment), SegmentStateCodec.Encode(segment), chunks);
        }
    }

    /// <inheritdoc/>
    public override bool Stage(SnapshotMark mark, ReadOnlyMemory<byte> received, IReadOnlyList<SnapshotPart> parts)
    {
        if (!TryReadRecord(received.Span, out var time))
        {
            return false;
        }

        var tables = new Dictionary<SegmentId, (SnapshotPart Part, SegmentTable? Table)>();
        foreach (var part in parts)
        {
            var table = part.Chunks.Count == 0 ? null : new SegmentTable();
            var known = part.Segment.Value < machine.Segments.Count && SegmentStateCodec.TryDecode(part.State.Span, new SegmentReplica(part.Segment));
            if (!known || !tables.TryAdd(part.Segment, (part, table)) || (table is not null && !TryFill(table, part.Chunks)))
            {
                table?.Dispose();
                foreach (var (_, filled) in tables.Values)
                {
                    filled?.Dispose();
                }

                return false;
            }
        }

        staged?.Dispose();
        staged = new StagedSnapshot(mark, received, time, tables);
        return true;
    }

    /// <inheritdoc/>
    public override void AddSnapshotTo(StoreBatch batch, SnapshotMark mark)
    {
        var snapshot = StagedFor(mark);
        foreach (var segment in machine.Segments)
        {
            if (!snapshot.Tables.TryGetValue(segment.Id, out var entry))
            {
                batch.RemoveCheckpoint(Id, segment.Id);
                continue;
            }

            var writer = services.Store.BeginCheckpoint(Id, segment.Id);
            foreach (var chunk in entry.Part.Chunks)
            {
                writer.Stage(batch, chunk);
            }

            writer.Finish(batch, entry.Part.AppliedIndex, entry.Part.State);
        }

        batch.SetRecord(Id, snapshot.Record);
    }

    /// <inheritdoc/>
    protected override void OnSnapshotInstalled(SnapshotMark mark)
    {
        var snapshot = StagedFor(mark);
        staged = null;
        record = snapshot.Record;
        checkpoints.Abandon();
        var absent = SegmentStateCodec.Encode(new SegmentReplica(default));
        foreach (var old in machine.Segments.ToList())
        {
            var found = snapshot.Tables.TryGetValue(old.Id, out var entry);
            lock (Gate(old.Id))
            {
                // A reader that still holds the old object must not find it served.
                old.State = SegmentState.Absent;
                if (!machine.TryRestore(old.Id, found ? entry.Part.State.Span : absent, entry.Table, found ? entry.Part.AppliedIndex : mark.Index))
                {
                    throw new InvalidDataException($"The state of segment {old.Id} of {Shard} was readable when it was received and is no longer.");
                }

                old.Table = null;
            }
        }

        machine.RestoreGroup(mark.Index, snapshot.GroupTimeMs);
        services.Knowledge.SignalChange();
    }

    /// <inheritdoc/>
    public override void Close()
    {
        Volatile.Write(ref servingTerm, 0);
        Volatile.Write(ref leaseEnd, long.MinValue);
        Volatile.Write(ref freshUntil, 0);
        Volatile.Write(ref leader, 0);
        Leading?.OnTerm(0, loop.Now);
        Leading = null;
        Checking?.OnTerm(0, loop.Now);
        Checking = null;
        checkpoints.Abandon();
        staged?.Dispose();
        staged = null;
        foreach (var segment in machine.Segments)
        {
            lock (Gate(segment.Id))
            {
                segment.State = SegmentState.Absent;
                segment.Table?.Dispose();
                segment.Table = null;
            }
        }
    }

    private StagedSnapshot StagedFor(SnapshotMark mark) => staged is { } snapshot && snapshot.Mark.Index == mark.Index && snapshot.Mark.Term == mark.Term
        ? snapshot
        : throw new InvalidOperationException($"Raft takes a snapshot of {Shard} at {mark.Index}, whose data were not received.");

    private static bool TryFill(SegmentTable table, IReadOnlyList<ReadOnlyMemory<byte>> chunks)
    {
        var decoder = new TableChunkDecoder();
        for (var i = 0; i < chunks.Count; i++)
        {
            if (decoder.Feed(chunks[i].Span, table) != (i == chunks.Count - 1 ? ChunkOutcome.Complete : ChunkOutcome.Taken))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasExpiring(IReadOnlyList<SegmentReplica> owned)
    {
        for (var i = 0; i < owned.Count; i++)
        {
            if (owned[i].Table is { ExpiringCount: > 0 })
            {
                return true;
            }
        }

        return false;
    }

    private void ExpireActively()
    {
        // One batch at a time: what it names is gone before the next is looked for.
        if (servingTerm == 0 || Checking is { IsHolding: true } || Applied < expiringUntil || WaitingCount > MaxWaiting / 2)
        {
            return;
        }

        var owned = machine.Owned;
        if (!HasExpiring(owned))
        {
            return;
        }

        var now = Math.Max(machine.GroupTimeMs, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var entries = new List<byte[]>();
        for (var i = 0; i < owned.Count && entries.Count < services.Options.ExpirePerTick; i++)
        {
            var segment = owned[(int)((expireFrom + (uint)i) % (uint)owned.Count)];
            if (segment.Table is not { ExpiringCount: > 0 })
            {
                continue;
            }

            lock (Gate(segment.Id))
            {
                _ = segment.Table.VisitExpired(now, services.Options.ExpirePerTick - entries.Count, (key, in _) =>
                {
                    entries.Add(ShardEntryCodec.Expire(segment.Id, key));
                    return true;
                });
            }
        }

        expireFrom++;
        foreach (var entry in entries)
        {
            Stamp(entry);
            if (!TryPropose(entry, null))
            {
                break;
            }
        }

        expiringUntil = entries.Count > 0 ? Core.LastIndex : 0;
    }

    private sealed record StagedSnapshot(
        SnapshotMark Mark, ReadOnlyMemory<byte> Record, long GroupTimeMs, Dictionary<SegmentId, (SnapshotPart Part, SegmentTable? Table)> Tables) : IDisposable
    {
        public void Dispose()
        {
            foreach (var (_, table) in Tables.Values)
            {
                table?.Dispose();
            }
        }
    }
}
