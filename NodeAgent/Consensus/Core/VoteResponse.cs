namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Answer to <see cref="VoteRequest"/>, sent once the vote is persisted.</summary>
internal sealed record VoteResponse(ulong From, ulong To, ulong Term, bool Rejected) : RaftMessage(From, To, Term);
