namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Answer to <see cref="PreVoteRequest"/>: a grant carries the term that was asked about, a refusal the term of the voter.</summary>
internal sealed record PreVoteResponse(ulong From, ulong To, ulong Term, bool Rejected) : RaftMessage(From, To, Term);
