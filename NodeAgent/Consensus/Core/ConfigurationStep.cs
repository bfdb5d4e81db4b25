namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>One step of a <see cref="ConfigurationChange"/>.</summary>
internal readonly record struct ConfigurationStep(ConfigurationChangeKind Kind, ulong Id);
