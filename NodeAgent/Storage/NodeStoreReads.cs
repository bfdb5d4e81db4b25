using SQLitePCL;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Reading: the index at opening, and groups whole. Whatever is damaged is named, never skipped silently.</summary>
internal sealed partial class NodeStore
{
    /// <summary>Reads and checks everything of a group but the chunks; an unknown group is empty. Where a damage quarantines, the image's log must not be used.</summary>
    public GroupImage LoadGroup(GroupId group)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var found = new List<StoreDamage>(damages.Where(d => d.Kind == StoreDamageKind.HardState && d.Group == group));
            var log = new GroupLog(default, SnapshotMark.None);
            var record = default(ReadOnlyMemory<byte>);
            var headers = new List<CheckpointHeader>();
            var known = damages.Count;
            if (!ReadSafely_NeedsLock(() =>
            {
                log = LoadLog_NeedsLock(group.Value, found);
                record = LoadRecord_NeedsLock(group, found);
                LoadHeaders_NeedsLock(group, headers, found);
            }))
            {
                found.AddRange(damages.Skip(known));
            }

            found.ForEach(Damage_NeedsLock);
            return new GroupImage(group, log, record, headers, found);
        }
    }

    private GroupLog LoadLog_NeedsLock(ushort group, List<StoreDamage> found)
    {
        var id = new GroupId(group);
        var mark = SnapshotMark.None;
        var complaint = ReadBlob_NeedsLock(statements.SnapshotMark, group, b => StoreCodec.TryMark(b, group, out mark));
        if (complaint is not null)
        {
            found.Add(new StoreDamage(StoreDamageKind.SnapshotMark, id, null, $"the snapshot mark of group {id} {complaint}"));
        }

        var rows = groups.GetValueOrDefault(group, new GroupRows());
        var log = new GroupLog(rows.HardState, mark);
        log.StartAt(rows.FirstKept, rows.TermBefore);
        for (var i = 0; i < rows.Rows.Count; i++)
        {
            complaint = ReadLogRow_NeedsLock(group, rows.Rows[i], out var termBefore, out var entries) ?? TakeRow(log, i == 0, rows, rows.Rows[i].First, termBefore, entries);
            if (complaint is not null)
            {
                found.Add(LogDamage(group, rows.Rows[i], complaint));
                return log;
            }
        }

        if (FinishLog(log, rows) is { } lack)
        {
            found.Add(new StoreDamage(StoreDamageKind.Log, id, null, $"the log of group {id} {lack}"));
        }

        return log;
    }

    private static string? TakeRow(GroupLog log, bool isFirst, GroupRows rows, ulong first, ulong termBefore, List<Entry> entries)
    {
        if (isFirst)
        {
            if (first > rows.FirstKept)
            {
                return $"does not follow entry {rows.FirstKept - 1}: what is between is missing";
            }

            log.StartAt(first, termBefore);
        }
        else if (first > log.LastIndex + 1)
        {
            return $"does not follow entry {log.LastIndex}: what is between is missing";
        }

        if (log.TermOf(first - 1) != termBefore)
        {
            return $"was written behind an entry of term {termBefore}, where one of term {log.TermOf(first - 1)} stands: a row between is missing";
        }

        log.Append(entries);
        return null;
    }

    private static string? FinishLog(GroupLog log, GroupRows rows)
    {
        if (rows.LastRecorded > log.LastIndex || rows.HardState.Commit > log.LastIndex)
        {
            return $"ends at entry {log.LastIndex}, although entry {Math.Max(rows.LastRecorded, rows.HardState.Commit)} was written";
        }

        if (log.TermOf(rows.FirstKept - 1) != rows.TermBefore)
        {
            return $"has term {log.TermOf(rows.FirstKept - 1)} at entry {rows.FirstKept - 1}, where term {rows.TermBefore} was noted";
        }

        log.TruncateBefore(rows.FirstKept);
        return log.Snapshot.Index + 1 < log.FirstIndex
            ? $"begins at entry {log.FirstIndex}, although the snapshot mark is at {log.Snapshot.Index}"
            : null;
    }

    private ReadOnlyMemory<byte> LoadRecord_NeedsLock(GroupId group, List<StoreDamage> found)
    {
        var record = default(ReadOnlyMemory<byte>);
        if (ReadBlob_NeedsLock(statements.GroupRecord, group.Value, b => StoreCodec.TryRecord(b, group.Value, out record)) is { } complaint)
        {
            found.Add(new StoreDamage(StoreDamageKind.GroupRecord, group, null, $"the record of group {group} {complaint}"));
        }

        return record;
    }

    private void LoadHeaders_NeedsLock(GroupId group, List<CheckpointHeader> headers, List<StoreDamage> found)
    {
        foreach (var key in checkpoints.Keys.Where(k => k >> 16 == group.Value).Order())
        {
            if (ReadHeader_NeedsLock(key) is { } header)
            {
                headers.Add(header);
            }
            else
            {
                found.AddRange(damages.Where(d => d.Group == group && d.Segment?.Value == (ushort)key && !found.Contains(d)));
            }
        }
    }

    private CheckpointHeader? ReadHeader_NeedsLock(long key)
    {
        var (group, segment) = (new GroupId((ushort)(key >> 16)), new SegmentId((ushort)key));
        var row = statements.ReadCheckpoint.Bind(1, key);
        try
        {
            var (chunks, applied, state) = (0, 0UL, default(ReadOnlyMemory<byte>));
            var complaint = row.Step()
                ? StoreCodec.TryCheckpoint(row.Blob(0), group.Value, segment.Value, (ulong)row.Number(1), out chunks, out applied, out state)
                : "is missing";
            if (complaint is null)
            {
                return new CheckpointHeader(group, segment, (ulong)row.Number(1), applied, state, chunks);
            }

            Damage_NeedsLock(new StoreDamage(StoreDamageKind.Checkpoint, group, segment, $"the checkpoint of segment {segment} in group {group} {complaint}"));
            return null;
        }
        finally
        {
            row.Reset();
        }
    }

    private string? ReadLogRow_NeedsLock(ushort group, in LogRow row, out ulong termBefore, out List<Entry> entries)
    {
        (termBefore, entries) = (0, []);
        var read = statements.ReadLog.Bind(1, row.Sequence);
        try
        {
            if (!read.Step())
            {
                return "is missing";
            }

            return StoreCodec.TryLogRow(read.Blob(4), group, row.First, read.Number(2), out termBefore, out entries)
                ?? (entries.Count > 0 && entries[^1].Term == (ulong)read.Number(3) ? null : "belongs to another row");
        }
        finally
        {
            read.Reset();
        }
    }

    private delegate string? BlobTaker(ReadOnlySpan<byte> blob);

    /// <summary>Null where there is no row, or what the taker complains of.</summary>
    private static string? ReadBlob_NeedsLock(StoreBlobTable table, long id, BlobTaker take)
    {
        var row = table.Read.Bind(1, id);
        var complaint = row.Step() ? take(row.Blob(0)) : null;
        row.Reset();
        return complaint;
    }

    private static StoreDamage LogDamage(ushort group, in LogRow row, string complaint)
    {
        var id = new GroupId(group);
        return new StoreDamage(StoreDamageKind.Log, id, null, $"the row of entries {row.First} to {row.Last} in the log of group {id} {complaint}");
    }

    /// <summary>Runs something that only reads; false when SQLite reported an error, which then quarantines or breaks the store.</summary>
    private bool ReadSafely_NeedsLock(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (StoreDatabaseException e)
        {
            _ = ResultOf(e);
            if (e.PrimaryCode is not (raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB))
            {
                broken ??= $"reading failed ({e.Message}, SQLite code {e.Code})";
            }

            return false;
        }
    }
}
