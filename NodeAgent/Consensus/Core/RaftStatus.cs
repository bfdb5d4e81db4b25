namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>A picture of a core for metrics and consoles. <paramref name="Peers"/> is empty where it does not lead.</summary>
internal sealed record RaftStatus(
    ulong Id, ulong Term, ulong Vote, ulong Leader, RaftRole Role, ulong Commit, ulong Applied, ulong FirstIndex, ulong LastIndex,
    ConfigurationState Configuration, long LeaseUntil, ulong TransferTo, long UncommittedBytes, IReadOnlyList<PeerStatus> Peers);
