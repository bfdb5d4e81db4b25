namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>How a vote stands.</summary>
internal enum VoteResult : byte
{
    /// <summary>Votes that are missing can still decide it.</summary>
    Pending,

    /// <summary>A majority can no longer be reached.</summary>
    Lost,

    /// <summary>A majority said yes.</summary>
    Won,
}
