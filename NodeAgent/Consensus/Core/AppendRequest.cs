namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Entries that follow (<paramref name="PrevIndex"/>, <paramref name="PrevTerm"/>), consecutive, perhaps none; <paramref name="Commit"/> is the leader's commit index.</summary>
internal sealed record AppendRequest(
    ulong From, ulong To, ulong Term, ulong PrevIndex, ulong PrevTerm, IReadOnlyList<Entry> Entries, ulong Commit) : RaftMessage(From, To, Term);
