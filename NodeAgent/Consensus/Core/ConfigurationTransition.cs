namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>How a change passes through a joint configuration. Persisted, append-only, never renumber.</summary>
internal enum ConfigurationTransition : byte
{
    /// <summary>Simple where one voter changes at most, else joint and left by the leader itself.</summary>
    Auto = 0,

    /// <summary>Joint in any case, left by the leader itself.</summary>
    JointImplicit = 1,

    /// <summary>Joint in any case, left only by a further change without steps.</summary>
    JointExplicit = 2,
}
