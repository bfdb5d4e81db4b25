using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>The next thing to do on a group's way to its wanted replicas.</summary>
internal abstract record ReplicaStep
{
    /// <summary>Ask these nodes to open the group, with an empty log.</summary>
    public sealed record Open(ImmutableArray<NodeId> Nodes) : ReplicaStep;

    /// <summary>Propose this change of the configuration.</summary>
    public sealed record Change(ConfigurationChange Proposal) : ReplicaStep;

    /// <summary>This leader has to go: hand leadership to that replica.</summary>
    public sealed record HandOver(NodeId To) : ReplicaStep;

    /// <summary>This leader has to lead in another term first: a node that left in this one is to come again.</summary>
    public sealed record Renew : ReplicaStep;

    /// <summary>Nothing can be done now.</summary>
    public sealed record Wait(string For) : ReplicaStep;

    /// <summary>The group has exactly the wanted voters.</summary>
    public sealed record Arrived : ReplicaStep;
}
