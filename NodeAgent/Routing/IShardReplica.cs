using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>How a proposed command ended.</summary>
internal enum ProposalOutcome : byte
{
    /// <summary>Applied; the reply is the command's.</summary>
    Applied,

    /// <summary>Never proposed here: this replica does not lead. Certainly not executed.</summary>
    NotLeader,

    /// <summary>Refused when applied: the segment was not Owned. Certainly not executed.</summary>
    NotOwned,

    /// <summary>Never proposed: the queue of this group is full. Certainly not executed.</summary>
    Busy,

    /// <summary>Never proposed: the node's disk is full or failed. Certainly not executed.</summary>
    StorageFailed,

    /// <summary>Never proposed: the memory limit is reached and the command may add data. Certainly not executed.</summary>
    OutOfMemory,

    /// <summary>Leadership was lost after it was proposed; it may or may not be executed.</summary>
    Unknown,
}

/// <summary>Waits for a proposal. Called exactly once, from the raft loop thread: must not block and must not throw.</summary>
internal interface IProposalWaiter
{
    /// <summary>RESP version in which the reply is written, 2 or 3.</summary>
    int Protocol { get; }

    /// <param name="outcome">How it ended.</param>
    /// <param name="reply">The command's RESP reply when applied; valid during the call only.</param>
    void Complete(ProposalOutcome outcome, ReadOnlySpan<byte> reply);
}

/// <summary>A replica of a shard on this node, as routing and commands see it. Safe for concurrent use.</summary>
internal interface IShardReplica
{
    ShardId Shard { get; }

    /// <summary>Leader as known here; the absent node where none is known.</summary>
    NodeId Leader { get; }

    /// <summary>Term in which this replica leads and has applied an entry of its own; 0 when it must not serve.</summary>
    ulong ServingTerm { get; }

    /// <summary>The latest time that the group has seen in an applied entry, Unix milliseconds: the leader's time is never before it.</summary>
    long GroupTimeMs { get; }

    /// <summary>True where the lease of this term was valid at a moment. The moment is read after the value was taken, and the reply goes out after that.</summary>
    /// <param name="term">The term in which the value was taken.</param>
    /// <param name="timestamp">The moment, of the node's TimeProvider.</param>
    bool HoldsLease(ulong term, long timestamp);

    /// <summary>The segment in this replica. Touch it only under its <see cref="Gate"/>; its state alone may be read without, as a hint.</summary>
    SegmentReplica Segment(SegmentId segment);

    /// <summary>The segment's lock, the same one also after a snapshot has replaced the segment.</summary>
    Lock Gate(SegmentId segment);

    /// <summary>Fall-back where the lease is not valid: confirms by a read-index round that this replica led in <paramref name="term"/> after the call; the continuation must not block.</summary>
    void ConfirmLeadership(ulong term, Action<bool> done);

    /// <summary>Proposes one encoded write command for a segment. Its bytes must stay as they are until the waiter is told. The group's time is set by the loop.</summary>
    void Propose(SegmentId segment, ReadOnlyMemory<byte> command, bool mayAddData, IProposalWaiter waiter);

    /// <summary>Proposes one entry that clears all the named segments, or changes nothing where one of them is not Owned (then NotOwned).</summary>
    void ProposeFlush(IReadOnlyList<SegmentId> segments, IProposalWaiter waiter);

    /// <summary>Proposes the deletion of a key that a read met expired; replies as a nil bulk. Nothing happens where the key is gone or no longer expired at apply.</summary>
    void ProposeExpire(SegmentId segment, ReadOnlyMemory<byte> key, IProposalWaiter waiter);

    /// <summary>True when READONLY reads may be served here: heard from the leader within the staleness limit and applied that message's commit index.</summary>
    bool FreshFollower { get; }
}
