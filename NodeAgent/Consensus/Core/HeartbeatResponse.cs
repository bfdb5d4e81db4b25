namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Answer to a <see cref="HeartbeatRequest"/> of the same term and round: until one shortest election timeout after its arrival the sender votes for nobody else.</summary>
internal sealed record HeartbeatResponse(ulong From, ulong To, ulong Term, ulong Round) : RaftMessage(From, To, Term);
