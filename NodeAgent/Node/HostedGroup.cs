using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Node;

/// <summary>What a node remembers of a group that it holds, beside the group's own data.</summary>
/// <param name="OpenedBy">The change of replicas for which it was opened last; 0: since the founding.</param>
/// <param name="VotesFrom">As <see cref="RaftOptions.VotesFrom"/>; 0 where it was never deleted here.</param>
internal readonly record struct HostedGroup(ulong OpenedBy, ulong VotesFrom);
