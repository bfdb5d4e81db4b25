namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a leader knows of one replica. <paramref name="Inflight"/>: append messages on their way. <paramref name="PendingSnapshot"/>: index, 0 for none.</summary>
internal sealed record PeerStatus(
    ulong Id, ulong Match, ulong Next, ProgressState State, bool Learner, bool RecentlyActive, bool Paused, int Inflight, ulong PendingSnapshot);
