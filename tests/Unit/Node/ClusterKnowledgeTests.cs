using System.Collections.Frozen;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Fleet;

namespace ShardConsole.Unit.Node;

public sealed class ClusterKnowledgeTests
{
    private readonly ClusterKnowledge knowledge = new(Reports.N1, new Alone());

    [Fact]
    public void A_map_of_a_lower_epoch_or_of_another_cluster_is_refused_and_changes_nothing()
    {
        var seven = Reports.ClusterState(7);
        Assert.True(knowledge.Learn(seven));
        var change = knowledge.NextChange;

        Assert.False(knowledge.Learn(Reports.ClusterState(6) with { Members = [] }));
        Assert.False(knowledge.Learn(Reports.ClusterState(8) with { ClusterId = "c-2" }));

        Assert.Same(seven, knowledge.State);
        Assert.Equal((7UL, seven.Map.Digest(), 2), (knowledge.Map.Epoch, knowledge.MapDigest, knowledge.Members.Count));
        Assert.False(change.IsCompleted);
    }

    [Fact]
    public void A_newer_map_is_taken_and_who_waits_looks_again_and_so_is_news_at_the_same_epoch()
    {
        Assert.True(knowledge.Learn(Reports.ClusterState(7)));
        var change = knowledge.NextChange;
        Assert.True(knowledge.Learn(Reports.ClusterState(8)));
        Assert.True(change.IsCompleted);
        Assert.Equal(8UL, knowledge.Map.Epoch);

        Assert.True(knowledge.Learn(Reports.ClusterState(8) with { Halted = true }));
        Assert.True(knowledge.State!.Halted);
    }

    /// <summary>Gossip that knows nobody.</summary>
    private sealed class Alone : IMembership
    {
        public event Action<MembershipView>? Changed
        {
            add { }
            remove { }
        }

        public MembershipView View { get; } = new(Reports.N1, FrozenDictionary<NodeId, MemberView>.Empty, 0);

        public string? Trouble => null;

        public void Publish(NodeGossip gossip)
        {
        }

        public void SetClusterId(string clusterId)
        {
        }

        public void AddSeeds(IEnumerable<GossipAddress> seeds)
        {
        }

        public Task LeaveAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
