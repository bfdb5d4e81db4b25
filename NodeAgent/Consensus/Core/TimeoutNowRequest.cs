namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>The leader, which has given up its lease, asks the receiver to campaign at once.</summary>
internal sealed record TimeoutNowRequest(ulong From, ulong To, ulong Term) : RaftMessage(From, To, Term);
