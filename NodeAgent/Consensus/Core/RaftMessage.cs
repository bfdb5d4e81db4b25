namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Base of the messages between replicas of one group; one sealed record per kind.</summary>
/// <param name="From">Sender; never 0.</param>
/// <param name="To">Receiver.</param>
/// <param name="Term">Term of the sender; of a pre-vote and its grant: the term that the sender would campaign in.</param>
internal abstract record RaftMessage(ulong From, ulong To, ulong Term);
