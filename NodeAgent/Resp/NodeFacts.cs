namespace ShardConsole.NodeAgent.Resp;

/// <summary>What INFO and CONFIG GET tell of the process.</summary>
/// <param name="Bind">Address that the client port is bound to.</param>
/// <param name="ClientPort">The client port.</param>
/// <param name="DataFolder">Where the node keeps its data.</param>
/// <param name="MaxMemoryBytes">The memory limit, bytes; 0: none.</param>
/// <param name="RunId">40 hexadecimal digits, drawn at every start.</param>
internal sealed record NodeFacts(string Bind, int ClientPort, string DataFolder, long MaxMemoryBytes, string RunId)
{
    /// <summary>The Redis version whose replies and texts this node gives.</summary>
    public const string RedisVersion = "7.0.15";
}
