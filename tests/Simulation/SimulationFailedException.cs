namespace ShardConsole.Simulation;

/// <summary>A checker found a broken promise.</summary>
internal sealed class SimulationFailedException(string message) : Exception(message);
