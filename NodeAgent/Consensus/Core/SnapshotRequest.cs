namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// The receiver is too far behind for the leader's log and has to start from a snapshot. The data go another way: the receiver's driver fetches a state
/// at <paramref name="Mark"/> (or a newer one, and then steps this message with that mark), and steps the message only when it holds the data.
/// Sent again once per election timeout until it is answered: one that arrives while the data are being fetched starts nothing new.
/// </summary>
internal sealed record SnapshotRequest(ulong From, ulong To, ulong Term, SnapshotMark Mark) : RaftMessage(From, To, Term);
