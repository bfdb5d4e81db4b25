namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a replica is in its term.</summary>
internal enum RaftRole : byte
{
    /// <summary>Follows a leader, or waits for one.</summary>
    Follower,

    /// <summary>Asks whether it could win, without raising its term.</summary>
    PreCandidate,

    /// <summary>Asks for votes in its term.</summary>
    Candidate,

    /// <summary>Won its term.</summary>
    Leader,
}
