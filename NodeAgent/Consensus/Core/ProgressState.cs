namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>How a leader feeds a follower.</summary>
internal enum ProgressState : byte
{
    /// <summary>One message at a time until it is known where the follower's log agrees.</summary>
    Probe,

    /// <summary>Optimistically, many messages on their way.</summary>
    Replicate,

    /// <summary>Waits for a snapshot to arrive.</summary>
    Snapshot,
}
