namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Whether a leader owes a follower an append message when the next <see cref="Ready"/> is taken.</summary>
internal enum AppendDebt : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Where there are entries to send.</summary>
    IfEntries,

    /// <summary>In any case: the commit index or a probe is news too.</summary>
    Always,
}
