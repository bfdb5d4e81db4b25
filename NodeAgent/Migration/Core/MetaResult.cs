using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What applying one entry of the meta group did.</summary>
/// <param name="Answer">For whoever proposed it.</param>
/// <param name="Changed">Shards whose leaders are to be hinted; empty where nothing changed for any.</param>
/// <param name="MapChanged">The map has a new epoch.</param>
internal sealed record MetaResult(MetaAnswer Answer, ImmutableArray<ShardId> Changed, bool MapChanged)
{
    /// <summary>An entry that is not the state machine's.</summary>
    public static readonly MetaResult Foreign = new(new MetaAnswer(true, 0, null, null), [], false);
}
