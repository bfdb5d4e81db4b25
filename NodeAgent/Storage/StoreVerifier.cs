using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>What a store holds and what is damaged.</summary>
/// <param name="Groups">Groups read.</param>
/// <param name="Entries">Log entries read.</param>
/// <param name="Checkpoints">Checkpoints read whole.</param>
/// <param name="Chunks">Chunks read.</param>
/// <param name="Bytes">Bytes of entries and chunks.</param>
/// <param name="BehindLog">Checkpoints as of an index before the log's first: right only where nothing between touched their segment.</param>
/// <param name="PerGroup">One line per group.</param>
/// <param name="Damages">Everything that is wrong; empty when all is well.</param>
internal sealed record StoreReport(
    int Groups, long Entries, int Checkpoints, long Chunks, long Bytes, IReadOnlyList<CheckpointHeader> BehindLog,
    IReadOnlyList<GroupReport> PerGroup, IReadOnlyList<StoreDamage> Damages);

/// <summary>What a store holds of one group: its log from <paramref name="First"/> to <paramref name="Last"/>, and the snapshot's index.</summary>
internal sealed record GroupReport(GroupId Group, HardState HardState, ulong Snapshot, ulong First, ulong Last, int Checkpoints);

/// <summary>Reads everything in a store and checks it: checksums, the continuity of each log, the chunks of each checkpoint.</summary>
internal static class StoreVerifier
{
    /// <summary>Checks a store; takes as long as reading all of it, and commits may go on between its reads.</summary>
    public static StoreReport Verify(NodeStore store)
    {
        var found = new List<StoreDamage>();
        var behind = new List<CheckpointHeader>();
        var perGroup = new List<GroupReport>();
        var (entries, checkpoints, chunks, bytes) = (0L, 0, 0L, 0L);
        var groups = store.Groups;
        foreach (var group in groups)
        {
            var image = store.LoadGroup(group);
            found.AddRange(image.Damages);
            entries += image.Log.Count;
            bytes += image.Log.BytesHeld;
            perGroup.Add(new GroupReport(group, image.Log.InitialHardState, image.Log.Snapshot.Index, image.Log.FirstIndex, image.Log.LastIndex, image.Checkpoints.Count));
            foreach (var header in image.Checkpoints)
            {
                checkpoints++;
                ReadChunks(store, header, ref chunks, ref bytes);
                if (header.AppliedIndex + 1 < image.Log.FirstIndex)
                {
                    behind.Add(header);
                }
            }
        }

        return new StoreReport(groups.Count, entries, checkpoints, chunks, bytes, behind, perGroup, [.. found.Concat(store.Damages).Distinct()]);
    }

    private static void ReadChunks(NodeStore store, CheckpointHeader header, ref long chunks, ref long bytes)
    {
        using var reader = store.ReadCheckpoint(header.Group, header.Segment);
        while (reader is not null)
        {
            var status = reader.ReadNext(out var chunk);
            if (status != ChunkReadStatus.Chunk)
            {
                // Damage itself is in the store's own list.
                return;
            }

            chunks++;
            bytes += chunk.Length;
        }
    }
}
