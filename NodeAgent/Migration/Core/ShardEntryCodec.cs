using System.Buffers;
using System.Buffers.Binary;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Head of every entry of a shard group: what it is, the leader's time, and the segment (0 where <see cref="ShardEntryKind.Flush"/> names several).</summary>
internal readonly record struct ShardEntryHead(ShardEntryKind Kind, long TimeMs, SegmentId Segment);

/// <summary>
/// Entries of a shard group's log: kind (1 byte), time (8), segment (2), then what the kind needs. Persisted: append kinds, never change one. Reading an entry
/// allocates nothing.
/// </summary>
internal static class ShardEntryCodec
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadBytes = 11;

    /// <summary>Writes an entry, time 0, into exactly <see cref="HeadBytes"/> and the body's bytes.</summary>
    public static void Write(Span<byte> entry, ShardEntryKind kind, SegmentId segment, ReadOnlySpan<byte> body)
    {
        entry[0] = (byte)kind;
        entry.Slice(1, 8).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(entry[9..], segment.Value);
        body.CopyTo(entry[HeadBytes..]);
    }

    /// <summary>A command's entry, time 0: the leader sets it by <see cref="RaiseTime"/> when it proposes.</summary>
    public static byte[] Command(SegmentId segment, ReadOnlySpan<byte> command) => Build(ShardEntryKind.Command, segment, command);

    /// <summary>Deletion of a key that was met expired.</summary>
    public static byte[] Expire(SegmentId segment, ReadOnlySpan<byte> key) => Build(ShardEntryKind.Expire, segment, key);

    /// <summary>Clears all of the segments or none.</summary>
    public static byte[] Flush(IReadOnlyList<SegmentId> segments)
    {
        var ascending = segments.Order().Distinct().ToList();
        var entry = Build(ShardEntryKind.Flush, default, new byte[2 * ascending.Count]);
        for (var i = 0; i < ascending.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(HeadBytes + (2 * i)), ascending[i].Value);
        }

        return entry;
    }

    /// <param name="baseMigration">0; of a rollback the migration that it undoes.</param>
    public static byte[] Importing(SegmentId segment, ulong migration, ulong baseMigration) => Build(ShardEntryKind.Importing, segment, migration, baseMigration);

    /// <param name="timeMs">Group time of the source: the target's is raised to it.</param>
    public static byte[] Activate(SegmentId segment, ulong migration, ulong epoch, long timeMs)
    {
        var entry = Build(ShardEntryKind.Activate, segment, migration, epoch);
        RaiseTime(entry, timeMs);
        return entry;
    }

    public static byte[] Freeze(SegmentId segment, ulong migration) => Build(ShardEntryKind.Freeze, segment, migration, 0);

    public static byte[] Unfreeze(SegmentId segment, ulong migration) => Build(ShardEntryKind.Unfreeze, segment, migration, 0);

    public static byte[] Retained(SegmentId segment, ulong migration) => Build(ShardEntryKind.Retained, segment, migration, 0);

    /// <param name="state">Importing or Retained: what the group held when it asked.</param>
    public static byte[] Drop(SegmentId segment, SegmentState state, ulong migration) => Build(ShardEntryKind.Drop, segment, migration, (ulong)state);

    public static byte[] End(SegmentId segment, ulong migration) => Build(ShardEntryKind.End, segment, migration, 0);

    /// <summary>A message of a migration's stream.</summary>
    public static byte[] StreamApply(SegmentId segment, ulong migration, StreamMessage message)
    {
        var body = new ArrayBufferWriter<byte>(64);
        body.U64(migration);
        StreamMessageCodec.Write(body, message);
        return Build(ShardEntryKind.StreamApply, segment, body.WrittenSpan);
    }

    /// <summary>Where the replicas are compared. No segment is named.</summary>
    /// <param name="term">Term of the leader that proposes it.</param>
    /// <param name="number">Which of that leader's.</param>
    public static byte[] Check(ulong term, ulong number) => Build(ShardEntryKind.Check, default, term, number);

    /// <param name="body">As <see cref="AntiEntropy.Core.RepairEntry"/> writes it.</param>
    public static byte[] Repair(SegmentId segment, ReadOnlySpan<byte> body) => Build(ShardEntryKind.Repair, segment, body);

    /// <summary>Sets the entry's time to the later of its own and the given one. Before it is proposed only.</summary>
    public static void RaiseTime(Span<byte> entry, long timeMs)
    {
        var time = entry.Slice(1, 8);
        BinaryPrimitives.WriteInt64LittleEndian(time, Math.Max(timeMs, BinaryPrimitives.ReadInt64LittleEndian(time)));
    }

    /// <summary>Reads the head.</summary>
    /// <exception cref="InvalidDataException">The entry is shorter than a head: the log is damaged.</exception>
    public static ShardEntryHead Head(ReadOnlySpan<byte> entry) => entry.Length < HeadBytes
        ? throw new InvalidDataException($"An entry of {entry.Length} bytes is shorter than its head of {HeadBytes}: the log is damaged.")
        : new ShardEntryHead(
            (ShardEntryKind)entry[0],
            BinaryPrimitives.ReadInt64LittleEndian(entry[1..]),
            new SegmentId(BinaryPrimitives.ReadUInt16LittleEndian(entry[9..])));

    /// <summary>What follows the head.</summary>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> entry) => entry[HeadBytes..];

    /// <summary>The migration and the second number of an entry that has both.</summary>
    /// <exception cref="InvalidDataException">The body has another length: the log is damaged.</exception>
    public static (ulong Migration, ulong Second) Control(ReadOnlySpan<byte> entry) => entry.Length != HeadBytes + 16
        ? throw new InvalidDataException($"A control entry of {entry.Length} bytes should have {HeadBytes + 16}: the log is damaged.")
        : (BinaryPrimitives.ReadUInt64LittleEndian(entry[HeadBytes..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[(HeadBytes + 8)..]));

    private static byte[] Build(ShardEntryKind kind, SegmentId segment, ReadOnlySpan<byte> body)
    {
        var entry = GC.AllocateUninitializedArray<byte>(HeadBytes + body.Length);
        Write(entry, kind, segment, body);
        return entry;
    }

    private static byte[] Build(ShardEntryKind kind, SegmentId segment, ulong migration, ulong second)
    {
        Span<byte> body = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(body, migration);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], second);
        return Build(kind, segment, body);
    }
}
