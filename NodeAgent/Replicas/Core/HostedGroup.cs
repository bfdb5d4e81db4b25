using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>What a node remembers of a group that it holds, beside the group's own data.</summary>
/// <param name="OpenedBy">The change of replicas for which it was opened last; 0: since the founding.</param>
/// <param name="VotesFrom">As <see cref="RaftOptions.VotesFrom"/>; 0 where it was never deleted here.</param>
internal readonly record struct HostedGroup(ulong OpenedBy, ulong VotesFrom);

/// <summary>What a node remembers of a group whose copy it deleted.</summary>
/// <param name="OpenedBy">The change for which the deleted copy was opened last; 0: it was there since the founding.</param>
/// <param name="Term">Term of the deleted copy; 0 where that could not be read.</param>
/// <param name="Vote">Its vote in that term; 0: none.</param>
internal readonly record struct DeletedGroup(ulong OpenedBy, ulong Term, ulong Vote);
