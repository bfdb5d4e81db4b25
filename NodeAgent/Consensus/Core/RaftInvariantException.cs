namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>The log or a message contradicts what Raft guarantees (damage, or a replica that forgot what it acknowledged). The group must stop here and keep the evidence.</summary>
internal sealed class RaftInvariantException(string message) : Exception(message);
