using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>What a node last said of itself, and when (real time).</summary>
internal sealed record Heard(DateTimeOffset At, string Version, NodeStatus Status, ImmutableArray<GossipView> Gossip);

/// <summary>Builds the fleet's snapshot from what single nodes said.</summary>
internal static class FleetSnapshot
{
    private static readonly NodeUse NoUse = new(0, 0, 0, 0);

    /// <summary>The snapshot.</summary>
    /// <param name="cluster">What the best informed node said of the cluster.</param>
    /// <param name="heard">What each node last said.</param>
    /// <param name="migrations">Migrations as the meta group's leader knows them.</param>
    /// <param name="now">Real time.</param>
    /// <param name="aliveFor">A node heard within this is alive, whatever gossip says.</param>
    public static FleetState Build(
        ClusterState cluster, IReadOnlyDictionary<NodeId, Heard> heard, IReadOnlyList<MigrationStatus> migrations, DateTimeOffset now, TimeSpan aliveFor)
    {
        var nodes = cluster.Members.OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Id).Select(m => Node(m, heard, now, aliveFor)).ToList();
        return new FleetState(
            cluster.ClusterId, cluster.Map, nodes, cluster.Limits, cluster.Halted, cluster.HaltedBy, cluster.MetaLeader,
            [.. migrations.OrderBy(m => m.Id)], heard.Count == 0 ? null : heard.Values.Max(h => h.At));
    }

    private static FleetNode Node(Member member, IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor)
    {
        var own = heard.GetValueOrDefault(member.Id);
        var isAlive = own is not null && now - own.At <= aliveFor;
        var trips = own is null
            ? ImmutableDictionary<NodeId, int>.Empty
            : own.Gossip.Where(g => g.RoundTripMicros > 0).GroupBy(g => g.Node).ToImmutableDictionary(g => g.Key, g => g.First().RoundTripMicros);
        return new FleetNode(
            member, isAlive ? "alive" : ByGossip(member.Id, heard, now, aliveFor), own?.Status.Use ?? NoUse, own?.Status.ConnectedClients ?? 0, own?.Version ?? "",
            own?.Status.Replicas ?? [], trips, own?.At);
    }

    /// <summary>What nodes that answer say of one that does not: the worst of it.</summary>
    private static string ByGossip(NodeId node, IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor)
    {
        var said = heard.Where(h => h.Key != node && now - h.Value.At <= aliveFor)
            .SelectMany(h => h.Value.Gossip).Where(g => g.Node == node).Select(g => g.State).ToList();
        return said.Contains("dead") || said.Contains("left") ? "dead" : said.Contains("suspect") || said.Contains("alive") ? "suspect" : "unknown";
    }
}
