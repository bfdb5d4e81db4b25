namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What one step of a <see cref="ConfigurationChange"/> does. Persisted, append-only, never renumber.</summary>
internal enum ConfigurationChangeKind : byte
{
    /// <summary>Adds a voter, or promotes a learner.</summary>
    AddVoter = 0,

    /// <summary>Removes a voter or learner.</summary>
    Remove = 1,

    /// <summary>Adds a learner, or demotes a voter.</summary>
    AddLearner = 2,
}
