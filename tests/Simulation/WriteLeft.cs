namespace ShardConsole.Simulation;

/// <summary>What a crash leaves of a transaction that was being written.</summary>
internal enum WriteLeft
{
    Nothing,

    /// <summary>A part of it: recovery sees that it is no whole transaction and drops it.</summary>
    Torn,

    Whole,
}
