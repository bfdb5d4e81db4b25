using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>What the store keeps in memory of its own content, read at opening and after a transaction that failed.</summary>
internal sealed partial class NodeStore
{
    private void ReadIndex_NeedsLock()
    {
        groups.Clear();
        checkpoints.Clear();
        garbage.Clear();
        foreach (var table in new[] { statements.HardState, statements.LogStart, statements.SnapshotMark, statements.GroupRecord })
        {
            while (table.List.Step())
            {
                Group_NeedsLock(table.List.Number(0));
            }

            table.List.Reset();
        }

        ReadHardStates_NeedsLock();
        ReadRows_NeedsLock();
        ReadCheckpoints_NeedsLock();
        _ = ReadIdentity(statements, out identity);
    }

    private void ReadHardStates_NeedsLock()
    {
        foreach (var (group, rows) in groups)
        {
            var id = new GroupId(group);
            var (state, last) = (default(HardState), 0UL);
            if (ReadBlob_NeedsLock(statements.HardState, group, b => StoreCodec.TryHardState(b, group, out state, out last)) is { } complaint)
            {
                Damage_NeedsLock(new StoreDamage(StoreDamageKind.HardState, id, null, $"the hard state of group {id} {complaint}"));
            }

            var (firstKept, termBefore) = (1UL, 0UL);
            if (ReadBlob_NeedsLock(statements.LogStart, group, b => StoreCodec.TryLogStart(b, group, out firstKept, out termBefore)) is { } lack)
            {
                Damage_NeedsLock(new StoreDamage(StoreDamageKind.HardState, id, null, $"the beginning of the log of group {id} {lack}"));
            }

            var mark = SnapshotMark.None;
            if (ReadBlob_NeedsLock(statements.SnapshotMark, group, b => StoreCodec.TryMark(b, group, out mark)) is { } flaw)
            {
                Damage_NeedsLock(new StoreDamage(StoreDamageKind.SnapshotMark, id, null, $"the snapshot mark of group {id} {flaw}"));
            }

            rows.SnapshotIndex = mark.Index;
            rows.StartAt(firstKept, termBefore);
            (rows.HardState, rows.LastRecorded) = (state, last);
        }
    }

    private void ReadRows_NeedsLock()
    {
        var list = statements.ListLog;
        while (list.Step())
        {
            var sequence = list.Number(0);
            var first = (ulong)list.Number(2);
            var last = first + (ulong)list.Number(3) - 1;
            Group_NeedsLock(list.Number(1)).Add(new LogRow(sequence, first, last, (ulong)list.Number(4)), null);
            nextSequence = Math.Max(nextSequence, sequence + 1);
        }

        list.Reset();
    }

    private void ReadCheckpoints_NeedsLock()
    {
        var list = statements.ListCheckpoints;
        while (list.Step())
        {
            checkpoints[list.Number(0)] = (ulong)list.Number(1);
            Group_NeedsLock(list.Number(0) >> 16);
        }

        list.Reset();
        var named = checkpoints.Values.ToHashSet();
        var newest = named.Count == 0 ? 0UL : named.Max();
        var from = 0L;
        while (NextChunk_NeedsLock(from) is { } chunk)
        {
            var generation = (ulong)(chunk >> StoreSchema.ChunkBits);
            newest = Math.Max(newest, generation);
            if (!named.Contains(generation) && !staging.ContainsKey(generation))
            {
                garbage.AddLast(generation);
            }

            from = StoreSchema.ChunkKey(generation + 1, 0);
        }

        Interlocked.Exchange(ref lastGeneration, Math.Max(Interlocked.Read(ref lastGeneration), (long)newest));
    }

    private GroupRows Group_NeedsLock(long key)
    {
        var group = (ushort)key;
        if (!groups.TryGetValue(group, out var rows))
        {
            groups[group] = rows = new GroupRows();
        }

        return rows;
    }
}
