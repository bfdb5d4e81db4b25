namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Answer to <see cref="AppendRequest"/> and <see cref="SnapshotRequest"/>. Accepted: the sender's log equals the leader's up to <paramref name="Index"/>, persisted.
/// Rejected: <paramref name="Index"/> is the PrevIndex that did not fit; (<paramref name="HintIndex"/>, <paramref name="HintTerm"/>) is the last place
/// where the sender's log may agree; HintTerm 0: unknown.
/// </summary>
internal sealed record AppendResponse(
    ulong From, ulong To, ulong Term, ulong Index, bool Rejected, ulong HintIndex, ulong HintTerm) : RaftMessage(From, To, Term);
