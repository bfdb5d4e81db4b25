namespace ShardConsole.Simulation;

/// <summary>A run broke a promise.</summary>
internal sealed class SimulationFailedException(Invariant invariant, string message) : Exception(message)
{
    /// <summary>Which one.</summary>
    public Invariant Invariant => invariant;
}
