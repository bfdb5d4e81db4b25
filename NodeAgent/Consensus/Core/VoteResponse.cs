namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Answer to <see cref="VoteRequest"/>, sent once the vote is persisted.
/// (<paramref name="Commit"/>, <paramref name="CommitTerm"/>) is the last entry that the voter knows to be committed: a candidate that holds it too learns so
/// of a configuration change, without which it might ask for ever for the votes of replicas that have been removed.
/// </summary>
internal sealed record VoteResponse(ulong From, ulong To, ulong Term, bool Rejected, ulong Commit = 0, ulong CommitTerm = 0) : RaftMessage(From, To, Term);
