namespace ShardConsole.NodeAgent.Node;

/// <summary>Drives migrations on this node.</summary>
internal interface IMigrationDriver
{
    /// <summary>Connects to the node's replicas; on the raft loop's thread or before it runs.</summary>
    void Attach();

    /// <summary>Connects to one more replica; on the raft loop's thread.</summary>
    void Attach(Consensus.GroupReplica replica);

    /// <summary>A replica is closed; on the raft loop's thread.</summary>
    void Detach(Consensus.GroupReplica replica);
}
