namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Would you vote for me in <paramref name="Term"/>, my term + 1? Changes nothing at the receiver.</summary>
internal sealed record PreVoteRequest(ulong From, ulong To, ulong Term, ulong LastIndex, ulong LastTerm) : RaftMessage(From, To, Term);
