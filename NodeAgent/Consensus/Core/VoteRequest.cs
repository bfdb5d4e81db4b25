namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Asks for a vote. <paramref name="Forced"/>: the leader itself asked for this election (it has given up its lease), so promises to it do not count.</summary>
internal sealed record VoteRequest(ulong From, ulong To, ulong Term, ulong LastIndex, ulong LastTerm, bool Forced) : RaftMessage(From, To, Term);
