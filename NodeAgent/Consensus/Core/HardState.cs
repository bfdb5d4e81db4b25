namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a replica must not forget: persisted before any message of the same <see cref="Ready"/> that depends on it.</summary>
internal readonly record struct HardState(ulong Term, ulong Vote, ulong Commit);
