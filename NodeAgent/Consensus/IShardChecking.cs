using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>What a shard's replica does for the comparison of replicas. On the raft loop's thread.</summary>
internal interface IShardChecking
{
    /// <summary>Some segment's writes are not to be proposed now.</summary>
    bool IsHolding { get; }

    /// <summary>A comparison is under way: leadership stays where it is.</summary>
    bool IsBusy { get; }

    /// <summary>Keeps a client's write back where its segment is held; it is begun again when that is over. False: propose it.</summary>
    bool TryHold(ILoopProposal proposal, ShardEntryKind kind, SegmentId segment);

    /// <summary>The replica serves in this term from now on; 0: it no longer does.</summary>
    void OnTerm(ulong servingTerm, long now);

    /// <summary>An entry was applied (also on replicas that do not lead).</summary>
    void OnApplied(in Entry entry, in ApplyResult result);

    /// <summary>After every round of the loop.</summary>
    void OnStepped(long now);
}
