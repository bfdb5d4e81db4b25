using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Members.Core;

/// <summary>What the cluster knows of the equality of its replicas. Immutable.</summary>
/// <param name="Shards">One for each shard of the map, ascending.</param>
/// <param name="Orphans">Segments that a group holds although another shard owns them, ascending.</param>
/// <param name="Maps">Members whose map is not the meta group's.</param>
/// <param name="Checks">Comparisons that ended since the nodes started.</param>
/// <param name="Differences">Buckets in which replicas differed since then.</param>
/// <param name="Repaired">Buckets that were repaired since then.</param>
internal sealed record FleetIntegrity(
    IReadOnlyList<ShardComparison> Shards, IReadOnlyList<FleetOrphan> Orphans, IReadOnlyList<MapDifference> Maps, long Checks, long Differences, long Repaired)
{
    /// <summary>Before anything was heard.</summary>
    public static readonly FleetIntegrity Unknown = new([], [], [], 0, 0, 0);
}

/// <summary>Where a shard's comparisons stand.</summary>
/// <param name="Leader">Who compares; the absent node while nobody says that it leads.</param>
/// <param name="Step">What is being done; empty at rest.</param>
/// <param name="NextUnixMs">When the next is due, real time; 0: on demand only, or unknown.</param>
/// <param name="Last">The newest that any node carried through; null: none since the nodes started.</param>
internal sealed record ShardComparison(ShardId Shard, NodeId Leader, string Step, long NextUnixMs, CheckReport? Last);

/// <summary>An orphan, and the group that holds it.</summary>
internal sealed record FleetOrphan(ShardId Holder, NodeId Leader, OrphanStatus Status);
