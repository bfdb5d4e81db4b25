using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

/// <summary>What the node says of itself in its reports, its gossip and on its admin port.</summary>
internal sealed class NodeStatusSource(NodeHost host, ClusterKnowledge knowledge, ClientServices clients, IMigrationView migrations) : IStatusSource
{
    /// <inheritdoc/>
    public string ClusterId => host.Genesis?.ClusterId ?? "";

    /// <inheritdoc/>
    public NodeId Node => knowledge.Self;

    /// <inheritdoc/>
    public NodeStatus Status() => new(
        knowledge.Map.Epoch, knowledge.MapDigest, new NodeUse(0, 0, 0, 0), clients.Clients.Count, knowledge.MetaLeader.Node, knowledge.State?.Halted ?? false,
        Replicas(), [.. migrations.Migrations]);

    /// <inheritdoc/>
    public IReadOnlyList<SegmentHolding> Holdings()
    {
        var holdings = new List<SegmentHolding>();
        foreach (var shard in host.Shards.Where(s => s.ServingTerm != 0))
        {
            foreach (var segment in shard.Machine.Segments)
            {
                // Most are not: looked at again under the lock.
                if (segment.State != SegmentState.Owned)
                {
                    continue;
                }

                lock (shard.Gate(segment.Id))
                {
                    if (segment is { State: SegmentState.Owned, Table: { } table })
                    {
                        holdings.Add(new SegmentHolding(segment.Id, table.Count, table.DataBytes));
                    }
                }
            }
        }

        return holdings;
    }

    private ImmutableArray<ReplicaStatus> Replicas() => [.. host.Shards.Select(Replica)];

    /// <summary>Numbers are read while the loop changes them: each is right, together they may be of two moments.</summary>
    private static ReplicaStatus Replica(ShardReplica shard) => new(
        shard.Shard, shard.ServingTerm != 0 ? "leader" : Role(shard.Core.Role), shard.Core.Term, shard.Leader, shard.Core.Commit, shard.Applied,
        shard.Log.FirstIndex, shard.Log.LastIndex);

    private static string Role(RaftRole role) => role switch
    {
        RaftRole.Leader => "candidate",
        RaftRole.Follower => "follower",
        _ => "candidate",
    };
}
