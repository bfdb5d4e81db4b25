namespace ShardConsole.NodeAgent.Node;

/// <summary>Drives migrations on this node.</summary>
internal interface IMigrationDriver
{
    /// <summary>Connects to the node's replicas; on the raft loop's thread or before it runs.</summary>
    void Attach();
}
