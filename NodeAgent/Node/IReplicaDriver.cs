namespace ShardConsole.NodeAgent.Node;

/// <summary>Carries changes of replicas out on this node.</summary>
internal interface IReplicaDriver
{
    /// <summary>Connects to the raft loop; on its thread or before it runs.</summary>
    void Attach();
}
