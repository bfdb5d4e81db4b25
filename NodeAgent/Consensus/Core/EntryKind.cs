namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What an entry of a Raft log is. Persisted, append-only, never renumber.</summary>
internal enum EntryKind : byte
{
    /// <summary>Goes to the state machine. Empty data: the entry with which a new leader begins its term.</summary>
    Normal = 0,

    /// <summary>A change of one voter or learner. Data: <see cref="ConfigurationChange"/>.</summary>
    Configuration = 1,

    /// <summary>A joint or simple change of several. Data: <see cref="ConfigurationChange"/>; empty data leaves a joint configuration.</summary>
    ConfigurationV2 = 2,
}
