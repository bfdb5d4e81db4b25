using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>A proposal on its way to the loop.</summary>
internal interface ILoopProposal
{
    /// <summary>Proposes; on the loop's thread.</summary>
    void Begin(long now);
}

/// <summary>Where the cores' messages go.</summary>
internal interface IRaftOutbox
{
    /// <summary>Queues messages of a group for their receivers.</summary>
    void Send(GroupId group, IReadOnlyList<RaftMessage> messages);

    /// <summary>Sends what was queued.</summary>
    void FlushAll();
}

/// <summary>Something beside the logs that is written in the same transaction: a checkpoint, a group record.</summary>
/// <param name="Bytes">About how much it writes.</param>
/// <param name="AddTo">Adds it to a batch; on the writer's thread.</param>
/// <param name="Written">Called when it is durable; on the loop's thread.</param>
internal sealed record StoreStep(long Bytes, Action<StoreBatch> AddTo, Action Written);

/// <summary>Makes the outstanding work of groups durable, all in one transaction; answers by <see cref="RaftLoop.Persisted"/>.</summary>
internal interface IBatchWriter
{
    /// <summary>Begins; the list is not changed until the answer.</summary>
    void Write(IReadOnlyList<GroupReplica> groups, IReadOnlyList<StoreStep> steps);
}
