namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>One entry of a Raft log. <paramref name="Data"/> is never changed after it was proposed.</summary>
internal readonly record struct Entry(ulong Term, ulong Index, EntryKind Kind, ReadOnlyMemory<byte> Data);
