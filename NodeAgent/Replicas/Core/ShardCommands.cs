using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>The node that joined has opened a shard that was born for it: its group is there, with that node as its only voter.</summary>
internal sealed record NoteBorn(long UnixMs, ShardId Shard) : MetaCommand(UnixMs)
{
    /// <inheritdoc/>
    public override int Level => 3;
}

/// <summary>A shard that is to go, or that was never opened, is no more. Only where it owns no segment and no migration and no change of replicas names it; its number is never given again.</summary>
internal sealed record RemoveShard(long UnixMs, ShardId Shard, string By, string Reason) : MetaCommand(UnixMs)
{
    /// <inheritdoc/>
    public override int Level => 3;
}

/// <summary>A shard that came with a joining node and has not all its replicas yet. Persisted in the meta group's snapshot.</summary>
/// <param name="Shard">Its number, higher than that of every shard before it.</param>
/// <param name="Node">For which it was born: its first voter.</param>
/// <param name="Id">Index of the entry that bore it: opening it goes by this as by the id of a change of replicas.</param>
/// <param name="IsOpen">The node has opened it; from then on its replicas can be changed.</param>
internal sealed record ShardBirth(ShardId Shard, NodeId Node, ulong Id, bool IsOpen);
