using System.Text;
using SQLitePCL;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Writing: one transaction for everything that all groups owe.</summary>
internal sealed partial class NodeStore
{
    private readonly HashSet<ushort> touched = [];
    private StoreBatch? underWay;
    private Action? executeBatch;
    private Action? writeBatch;

    /// <summary>Writes a batch in one transaction with one fsync: all of it or nothing. Not allocating beyond what SQLite needs.</summary>
    public StoreResult Commit(StoreBatch batch)
    {
        if (batch.IsEmpty)
        {
            return StoreResult.Success;
        }

        lock (gate)
        {
            underWay = batch;
            writeBatch ??= () => InTransaction_NeedsLock(executeBatch ??= ExecuteBatch_NeedsLock);
            var result = Guard_NeedsLock(writeBatch, batch);
            if (result.Succeeded)
            {
                EndStaging_NeedsLock(batch);
            }

            return result;
        }
    }

    private void ExecuteBatch_NeedsLock()
    {
        touched.Clear();
        var staged = 0;
        foreach (var operation in underWay!.Operations)
        {
            Execute_NeedsLock(operation);
            staged += operation.Kind is StoreOperationKind.Chunk or StoreOperationKind.Checkpoint ? 1 : 0;
        }

        foreach (var group in touched)
        {
            // With each append too: a log that lost its last rows is seen by the last index in here.
            var rows = groups[group];
            statements.HardState.Write(group, StoreCodec.HardState(blob, group, rows.HardState, rows.Last));
        }

        DeleteGarbage_NeedsLock(staged * options.GarbageChunksPerStagedChunk);
    }

    private void Execute_NeedsLock(in StoreOperation operation)
    {
        var group = operation.Group.Value;
        switch (operation.Kind)
        {
            case StoreOperationKind.HardState:
                Touch_NeedsLock(group).HardState = new HardState(operation.A, operation.B, operation.C);
                break;
            case StoreOperationKind.Append:
                Append_NeedsLock(group, operation.Entries);
                break;
            case StoreOperationKind.Truncate:
                Truncate_NeedsLock(group, operation.A, operation.B);
                break;
            case StoreOperationKind.Snapshot:
                Touch_NeedsLock(group).SnapshotIndex = operation.Mark!.Index;
                statements.SnapshotMark.Write(group, StoreCodec.Mark(blob, group, operation.Mark!));
                break;
            case StoreOperationKind.Install:
                Install_NeedsLock(group, operation.Mark!);
                break;
            case StoreOperationKind.Record:
                Touch_NeedsLock(group);
                statements.GroupRecord.Write(group, StoreCodec.Record(blob, group, operation.Data.Span));
                break;
            case StoreOperationKind.RemoveGroup:
                RemoveGroup_NeedsLock(group);
                break;
            case StoreOperationKind.ClusterId:
                SetClusterId_NeedsLock(operation.Text);
                break;
            default:
                ExecuteCheckpoint_NeedsLock(operation);
                break;
        }
    }

    private void Append_NeedsLock(ushort group, IReadOnlyList<Entry> entries)
    {
        var rows = Touch_NeedsLock(group);
        var next = 0;
        while (next < entries.Count)
        {
            var from = next;
            var bytes = 0L;
            while (next < entries.Count && (next == from || bytes + entries[next].Data.Length <= options.MaxLogRowBytes))
            {
                bytes += entries[next].Data.Length + StoreCodec.EntryHeaderBytes;
                next++;
            }

            AppendRow_NeedsLock(group, rows, entries, from, next);
        }
    }

    private void AppendRow_NeedsLock(ushort group, GroupRows rows, IReadOnlyList<Entry> entries, int from, int to)
    {
        var first = entries[from].Index;
        if (first < rows.FirstKept || first > rows.Last + 1)
        {
            throw new InvalidOperationException($"Entry {first} of group {new GroupId(group)} does not fit its persisted log of {rows.FirstKept} to {rows.Last}.");
        }

        var termBefore = TermOf_NeedsLock(group, rows, first - 1);
        StoreCodec.BeginLogRow(blob, group, first, to - from, termBefore);
        for (var i = from; i < to; i++)
        {
            if (entries[i].Index != first + (ulong)(i - from))
            {
                throw new InvalidOperationException($"Entry {entries[i].Index} of group {new GroupId(group)} does not follow the one before it.");
            }

            StoreCodec.Entry(blob, entries[i]);
        }

        var last = entries[to - 1];
        rows.Add(new LogRow(nextSequence, first, last.Index, last.Term), deleteRow ??= DeleteRow_NeedsLock);
        statements.WriteLog.Bind(1, nextSequence).Bind(2, group).Bind(3, (long)first).Bind(4, to - from).Bind(5, (long)last.Term).Bind(6, blob.Finish()).Run();
        nextSequence++;
    }

    private Action<long>? deleteRow;

    private void DeleteRow_NeedsLock(long sequence) => statements.DeleteLog.Bind(1, sequence).Run();

    /// <summary>Term of an entry of the log, or of the one before the first kept. Reads only where a conflict cuts through a row.</summary>
    private ulong TermOf_NeedsLock(ushort group, GroupRows rows, ulong index)
    {
        if (index == rows.FirstKept - 1)
        {
            return rows.TermBefore;
        }

        var row = rows.Rows.FindLast(r => r.First <= index);
        if (row.Last == index && row.LastTerm is { } term)
        {
            return term;
        }

        var complaint = ReadLogRow_NeedsLock(group, row, out _, out var entries);
        if (complaint is not null)
        {
            Damage_NeedsLock(LogDamage(group, row, complaint));
            throw new StoreDatabaseException(raw.SQLITE_CORRUPT, complaint);
        }

        return entries[(int)(index - row.First)].Term;
    }

    private void Truncate_NeedsLock(ushort group, ulong firstKept, ulong termBefore)
    {
        var rows = Touch_NeedsLock(group);
        if (firstKept <= rows.FirstKept)
        {
            return;
        }

        if (firstKept > rows.Last + 1 || firstKept > rows.SnapshotIndex + 1)
        {
            throw new InvalidOperationException(
                $"Truncation of group {new GroupId(group)} before {firstKept} passes the end of its log at {rows.Last} or its snapshot mark at {rows.SnapshotIndex}.");
        }

        rows.DropBefore(firstKept, deleteRow ??= DeleteRow_NeedsLock);
        rows.StartAt(firstKept, termBefore);
        statements.LogStart.Write(group, StoreCodec.LogStart(blob, group, firstKept, termBefore));
    }

    private void Install_NeedsLock(ushort group, SnapshotMark mark)
    {
        var rows = Touch_NeedsLock(group);
        rows.DropBefore(ulong.MaxValue, deleteRow ??= DeleteRow_NeedsLock);
        rows.StartAt(mark.Index + 1, mark.Term);
        rows.SnapshotIndex = mark.Index;
        statements.LogStart.Write(group, StoreCodec.LogStart(blob, group, mark.Index + 1, mark.Term));
        statements.SnapshotMark.Write(group, StoreCodec.Mark(blob, group, mark));
    }

    private void RemoveGroup_NeedsLock(ushort group)
    {
        if (groups.Remove(group, out var rows))
        {
            rows.DropBefore(ulong.MaxValue, deleteRow ??= DeleteRow_NeedsLock);
        }

        touched.Remove(group);
        statements.HardState.Delete(group);
        statements.LogStart.Delete(group);
        statements.SnapshotMark.Delete(group);
        statements.GroupRecord.Delete(group);
        foreach (var key in checkpoints.Keys.Where(k => k >> 16 == group).ToList())
        {
            RemoveCheckpoint_NeedsLock(key);
        }
    }

    private void SetClusterId_NeedsLock(string clusterId)
    {
        if (Encoding.UTF8.GetByteCount(clusterId) > StoreBatch.MaxClusterIdBytes)
        {
            throw new ArgumentException($"The cluster id is longer than {StoreBatch.MaxClusterIdBytes} bytes: use a shorter one.");
        }

        WriteIdentity_NeedsLock(identity with { ClusterId = clusterId });
    }

    private GroupRows Touch_NeedsLock(ushort group)
    {
        touched.Add(group);
        if (!groups.TryGetValue(group, out var rows))
        {
            groups[group] = rows = new GroupRows();
        }

        return rows;
    }

    private void InTransaction_NeedsLock(Action work)
    {
        statements.Begin.Run();
        work();
        statements.Commit.Run();
        mark.Note(database.WalFrames);
        Interlocked.Add(ref walPages, database.TakePagesWritten());
    }

    /// <summary>Runs what changes the database; on failure nothing of it stands, in memory neither.</summary>
    private StoreResult Guard_NeedsLock(Action work, StoreBatch? batch = null)
    {
        if (broken is not null)
        {
            return new StoreResult(StoreErrorKind.Broken, $"The store {options.DatabasePath} refuses everything: {broken}. Restart the node.");
        }

        if (WhyNotWrite_NeedsLock(batch) is { } damage)
        {
            return new StoreResult(StoreErrorKind.Quarantined, $"The store {options.DatabasePath} is quarantined: {damage.Message}. Replace this {(damage.Group is null ? "node" : "replica")}.");
        }

        try
        {
            work();
            return StoreResult.Success;
        }
        catch (StoreDatabaseException e)
        {
            var result = ResultOf(e);
            RollBack_NeedsLock();
            return result;
        }
        catch
        {
            RollBack_NeedsLock();
            throw;
        }
    }

    private void RollBack_NeedsLock()
    {
        try
        {
            if (!database.IsIdle)
            {
                database.Execute("ROLLBACK");
            }

            ReadIndex_NeedsLock();
        }
        catch (StoreDatabaseException e)
        {
            broken ??= $"a failed transaction could not be rolled back ({e.Message})";
        }
    }

    private StoreResult ResultOf(StoreDatabaseException e)
    {
        switch (e.PrimaryCode)
        {
            case raw.SQLITE_FULL:
                return new StoreResult(StoreErrorKind.Full, $"No room for {options.DatabasePath}: make room on the disk; nothing was written, and the write may be tried again.");
            case raw.SQLITE_IOERR:
                broken = $"the operating system reported an error ({e.Message}, SQLite code {e.Code})";
                return new StoreResult(StoreErrorKind.Io, $"{options.DatabasePath}: {broken}; what reached the disk is unknown. Check the disk and restart the node.");
            case raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB:
                Damage_NeedsLock(new StoreDamage(StoreDamageKind.Structure, null, null, $"SQLite found the database damaged: {e.Message}"));
                return new StoreResult(StoreErrorKind.Quarantined, $"{options.DatabasePath} is damaged: {e.Message}. Replace this node.");
            default:
                return new StoreResult(StoreErrorKind.Other, $"{options.DatabasePath}: {e.Message} (SQLite code {e.Code}); nothing was written.");
        }
    }
}
