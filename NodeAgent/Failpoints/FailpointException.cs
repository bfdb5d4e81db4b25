namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>A step that a failpoint lets fail.</summary>
internal sealed class FailpointException(string point) : IOException($"The failpoint {point} says that this step fails.");
