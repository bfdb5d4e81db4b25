namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// One message of a heartbeat round. <paramref name="Commit"/> is at most what the receiver is known to hold; <paramref name="LeaderCommit"/> is the leader's
/// commit index itself, by which a follower knows how far behind it is; <paramref name="Round"/> is echoed by the answer.
/// </summary>
internal sealed record HeartbeatRequest(ulong From, ulong To, ulong Term, ulong Commit, ulong LeaderCommit, ulong Round) : RaftMessage(From, To, Term);
