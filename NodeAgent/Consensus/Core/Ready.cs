namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// All the work that the core owes to the world, in the order that is the safety argument: (1) send <paramref name="Early"/>; (2) persist
/// <paramref name="HardState"/>, <paramref name="Snapshot"/> and <paramref name="Entries"/> in one transaction; (3) send <paramref name="Late"/>;
/// (4) apply <paramref name="Committed"/>; (5) <see cref="RaftCore.Advance"/>. One at a time; the core may be stepped in between.
/// </summary>
/// <param name="HardState">Null: unchanged.</param>
/// <param name="Entries">To append; the first may lie before the end of the stable log, whose rest it replaces.</param>
/// <param name="Snapshot">Replaces the whole log and the state; its data were fetched before its message was stepped. Null: none.</param>
/// <param name="Committed">To apply in order, each exactly once. Configuration entries too; the core itself takes them over in Advance.</param>
/// <param name="Early">Messages that depend on nothing in this value.</param>
/// <param name="Late">Messages that promise what is persisted here.</param>
/// <param name="Reads">Read-index requests that a quorum confirmed.</param>
/// <param name="MustSync">False: losing what is persisted here would break no promise (only the commit index moved).</param>
internal sealed record Ready(
    HardState? HardState, IReadOnlyList<Entry> Entries, SnapshotMark? Snapshot, IReadOnlyList<Entry> Committed,
    IReadOnlyList<RaftMessage> Early, IReadOnlyList<RaftMessage> Late, IReadOnlyList<ReadState> Reads, bool MustSync);
