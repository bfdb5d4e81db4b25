using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>A client's write on its way: from the connection's thread to the loop, through the log, and back as a reply.</summary>
internal sealed class ShardProposal(ShardReplica replica, ShardEntryKind kind, SegmentId segment, ReadOnlyMemory<byte> body, IProposalWaiter waiter)
    : ILoopProposal, IEntryWaiter
{
    /// <summary>RESP version of the reply.</summary>
    public int Protocol => waiter.Protocol;

    /// <inheritdoc/>
    public void Begin(long now)
    {
        if (!replica.IsServing)
        {
            waiter.Complete(ProposalOutcome.NotLeader, default);
            return;
        }

        if (replica.Checking is { IsHolding: true } checking && checking.TryHold(this, kind, segment))
        {
            return;
        }

        if (!replica.TryPropose(kind, segment, body.Span, this))
        {
            waiter.Complete(ProposalOutcome.Busy, default);
        }
    }

    /// <summary>The entry was applied.</summary>
    public void Applied(bool executed, ArrayBufferWriter<byte> reply) =>
        waiter.Complete(executed ? ProposalOutcome.Applied : ProposalOutcome.NotOwned, reply.WrittenSpan);

    /// <inheritdoc/>
    public void Lost() => waiter.Complete(ProposalOutcome.Unknown, default);

    /// <inheritdoc/>
    public void Overwritten() => waiter.Complete(ProposalOutcome.NotLeader, default);
}
