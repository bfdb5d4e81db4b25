using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>The fields of the store's blobs, written and read side by side. Persisted: append only, or raise the format version.</summary>
internal static class StoreCodec
{
    /// <summary>Bytes of an entry beside its data.</summary>
    public const int EntryHeaderBytes = 13;

    public static ReadOnlySpan<byte> HardState(StoreBlobWriter writer, ushort group, HardState state, ulong lastIndex)
    {
        writer.Begin(StoreBlobKind.HardState);
        writer.UInt64(group);
        writer.UInt64(state.Term);
        writer.UInt64(state.Vote);
        writer.UInt64(state.Commit);
        writer.UInt64(lastIndex);
        return writer.Finish();
    }

    public static string? TryHardState(ReadOnlySpan<byte> blob, ushort group, out HardState state, out ulong lastIndex)
    {
        (state, lastIndex) = (default, 0);
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.HardState, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64();
        state = new HardState(reader.UInt64(), reader.UInt64(), reader.UInt64());
        lastIndex = reader.UInt64();
        return Judge(ref reader, named == group);
    }

    public static ReadOnlySpan<byte> LogStart(StoreBlobWriter writer, ushort group, ulong firstKept, ulong termBefore)
    {
        writer.Begin(StoreBlobKind.LogStart);
        writer.UInt64(group);
        writer.UInt64(firstKept);
        writer.UInt64(termBefore);
        return writer.Finish();
    }

    public static string? TryLogStart(ReadOnlySpan<byte> blob, ushort group, out ulong firstKept, out ulong termBefore)
    {
        (firstKept, termBefore) = (1, 0);
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.LogStart, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64();
        firstKept = reader.UInt64();
        termBefore = reader.UInt64();
        return Judge(ref reader, named == group && firstKept > 0);
    }

    public static ReadOnlySpan<byte> Mark(StoreBlobWriter writer, ushort group, SnapshotMark mark)
    {
        writer.Begin(StoreBlobKind.SnapshotMark);
        writer.UInt64(group);
        writer.UInt64(mark.Index);
        writer.UInt64(mark.Term);
        writer.Numbers(mark.Configuration.Voters);
        writer.Numbers(mark.Configuration.VotersOutgoing);
        writer.Numbers(mark.Configuration.Learners);
        writer.Numbers(mark.Configuration.LearnersNext);
        writer.Byte(mark.Configuration.AutoLeave ? (byte)1 : (byte)0);
        return writer.Finish();
    }

    public static string? TryMark(ReadOnlySpan<byte> blob, ushort group, out SnapshotMark mark)
    {
        mark = SnapshotMark.None;
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.SnapshotMark, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64();
        var (index, term) = (reader.UInt64(), reader.UInt64());
        var configuration = new ConfigurationState(reader.Numbers(), reader.Numbers(), reader.Numbers(), reader.Numbers(), reader.Byte() != 0);
        mark = new SnapshotMark(index, term, configuration);
        return Judge(ref reader, named == group);
    }

    public static ReadOnlySpan<byte> Record(StoreBlobWriter writer, ushort group, ReadOnlySpan<byte> record)
    {
        writer.Begin(StoreBlobKind.GroupRecord);
        writer.UInt64(group);
        writer.Bytes(record);
        return writer.Finish();
    }

    public static string? TryRecord(ReadOnlySpan<byte> blob, ushort group, out ReadOnlyMemory<byte> record)
    {
        record = default;
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.GroupRecord, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64();
        record = reader.Bytes(reader.Left).ToArray();
        return Judge(ref reader, named == group);
    }

    /// <summary>Begins a row of the log; entries follow by <see cref="Entry"/>.</summary>
    public static void BeginLogRow(StoreBlobWriter writer, ushort group, ulong first, int count, ulong termBefore)
    {
        writer.Begin(StoreBlobKind.LogRow);
        writer.UInt64(group);
        writer.UInt64(first);
        writer.UInt32((uint)count);
        writer.UInt64(termBefore);
    }

    public static void Entry(StoreBlobWriter writer, in Entry entry)
    {
        writer.Byte((byte)entry.Kind);
        writer.UInt64(entry.Term);
        writer.UInt32((uint)entry.Data.Length);
        writer.Bytes(entry.Data.Span);
    }

    /// <summary>Reads a row of the log into memory of its own.</summary>
    public static string? TryLogRow(ReadOnlySpan<byte> blob, ushort group, ulong first, long count, out ulong termBefore, out List<Entry> entries)
    {
        (termBefore, entries) = (0, []);
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.LogRow, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64() == group & reader.UInt64() == first & reader.UInt32() == count;
        termBefore = reader.UInt64();
        var data = new byte[Math.Max(0, reader.Left - (count * EntryHeaderBytes))];
        var used = 0;
        for (var i = 0; i < count && named && !reader.Failed; i++)
        {
            var kind = (EntryKind)reader.Byte();
            var term = reader.UInt64();
            var bytes = reader.Bytes((int)reader.UInt32());
            if (used + bytes.Length > data.Length)
            {
                return "is incomplete";
            }

            bytes.CopyTo(data.AsSpan(used));
            entries.Add(new Entry(term, first + (ulong)i, kind, data.AsMemory(used, bytes.Length)));
            used += bytes.Length;
        }

        return Judge(ref reader, named);
    }

    public static ReadOnlySpan<byte> Checkpoint(
        StoreBlobWriter writer, ushort group, ushort segment, ulong generation, int chunkCount, ulong appliedIndex, ReadOnlySpan<byte> state)
    {
        writer.Begin(StoreBlobKind.Checkpoint);
        writer.UInt64(((ulong)group << 16) | segment);
        writer.UInt64(generation);
        writer.UInt32((uint)chunkCount);
        writer.UInt64(appliedIndex);
        writer.Bytes(state);
        return writer.Finish();
    }

    public static string? TryCheckpoint(
        ReadOnlySpan<byte> blob, ushort group, ushort segment, ulong generation, out int chunkCount, out ulong appliedIndex, out ReadOnlyMemory<byte> state)
    {
        (chunkCount, appliedIndex, state) = (0, 0, default);
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.Checkpoint, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64() == (((ulong)group << 16) | segment) & reader.UInt64() == generation;
        chunkCount = (int)reader.UInt32();
        appliedIndex = reader.UInt64();
        state = reader.Bytes(reader.Left).ToArray();
        return Judge(ref reader, named);
    }

    public static ReadOnlySpan<byte> Chunk(StoreBlobWriter writer, ulong generation, int number, ReadOnlySpan<byte> chunk)
    {
        writer.Begin(StoreBlobKind.Chunk);
        writer.UInt64(generation);
        writer.UInt32((uint)number);
        writer.Bytes(chunk);
        return writer.Finish();
    }

    public static string? TryChunk(ReadOnlySpan<byte> blob, ulong generation, int number, out ReadOnlyMemory<byte> chunk)
    {
        chunk = default;
        if (!StoreBlobReader.TryOpen(blob, StoreBlobKind.Chunk, out var reader, out var complaint))
        {
            return complaint;
        }

        var named = reader.UInt64() == generation & reader.UInt32() == (uint)number;
        chunk = reader.Bytes(reader.Left).ToArray();
        return Judge(ref reader, named);
    }

    private static string? Judge(ref StoreBlobReader reader, bool named) => reader switch
    {
        _ when !named => "belongs to another row",
        { IsComplete: false } => "is incomplete",
        _ => null,
    };
}
