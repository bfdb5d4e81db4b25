namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>A read-index that a quorum confirmed: serve once Index is applied.</summary>
internal readonly record struct ReadState(ulong Index, ulong Context);
