using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>What the leader of a shard does for migrations. On the raft loop's thread.</summary>
internal interface IShardLeading
{
    /// <summary>The replica serves in this term from now on; 0: it no longer does.</summary>
    void OnTerm(ulong servingTerm, long now);

    /// <summary>An entry was applied (also on replicas that do not lead).</summary>
    void OnApplied(in Entry entry, in ApplyResult result);

    /// <summary>After every round of the loop.</summary>
    void OnStepped(long now);
}
