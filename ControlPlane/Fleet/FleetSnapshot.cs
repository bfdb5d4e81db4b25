using System.Collections.Immutable;
using ShardConsole.ControlPlane.Fleet.Members.Core;
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
    /// <param name="changes">Changes of replicas as the meta group's leader knows them.</param>
    /// <param name="integrity">What each node last said of the equality of replicas.</param>
    public static FleetState Build(
        ClusterState cluster, IReadOnlyDictionary<NodeId, Heard> heard, IReadOnlyList<MigrationStatus> migrations, DateTimeOffset now, TimeSpan aliveFor,
        IReadOnlyList<ReplicaChangeStatus>? changes = null, IReadOnlyDictionary<NodeId, NodeIntegrity>? integrity = null)
    {
        var nodes = cluster.Members.OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Id).Select(m => Node(m, heard, now, aliveFor)).ToList();
        var state = new FleetState(
            cluster.ClusterId, cluster.Map, nodes, cluster.Limits, cluster.Halted, cluster.HaltedBy, cluster.MetaLeader,
            [.. migrations.OrderBy(m => m.Id)], heard.Count == 0 ? null : heard.Values.Max(h => h.At))
        {
            MetaReplicas = cluster.MetaReplicas.IsDefault ? [] : cluster.MetaReplicas,
            Draining = cluster.Draining.IsDefault ? [] : cluster.Draining,
            Retiring = cluster.Retiring.IsDefault ? [] : cluster.Retiring,
            ReplicaChanges = [.. (changes ?? []).OrderByDescending(c => c.Id)],
            Strangers = Strangers(cluster, heard, now, aliveFor),
        };
        return state with { Integrity = IntegrityMerge.Of(state, integrity ?? ImmutableDictionary<NodeId, NodeIntegrity>.Empty) };
    }

    /// <summary>Reachable nodes that gossip knows and that are no members: they wait to be taken in, or have left and still run.</summary>
    private static List<Stranger> Strangers(ClusterState cluster, IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor)
    {
        var members = cluster.Members.Select(m => m.Id).ToHashSet();
        return [.. Answering(heard, now, aliveFor).Where(h => members.Contains(h.Key)).SelectMany(h => h.Value.Gossip)
            .Where(g => g.State is "alive" or "suspect" && !members.Contains(g.Node))
            .GroupBy(g => g.Node).Select(g => new Stranger(g.Key, g.First().Name, g.Any(v => v.Epoch > 0)))
            .OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Id)];
    }

    private static IEnumerable<KeyValuePair<NodeId, Heard>> Answering(IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor) =>
        heard.Where(h => now - h.Value.At <= aliveFor);

    private static FleetNode Node(Member member, IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor)
    {
        var own = heard.GetValueOrDefault(member.Id);
        var isAlive = own is not null && now - own.At <= aliveFor;
        var trips = own is null
            ? ImmutableDictionary<NodeId, int>.Empty
            : own.Gossip.Where(g => g.RoundTripMicros > 0).GroupBy(g => g.Node).ToImmutableDictionary(g => g.Key, g => g.First().RoundTripMicros);
        return new FleetNode(
            member, isAlive ? "alive" : ByGossip(member.Id, heard, now, aliveFor), own?.Status.Use ?? NoUse, own?.Status.ConnectedClients ?? 0, own?.Version ?? "",
            own?.Status.Replicas ?? [], trips, own?.At)
        {
            Opinions = [.. Answering(heard, now, aliveFor).SelectMany(h => h.Value.Gossip.Where(g => g.Node == member.Id).Select(g => new MemberOpinion(h.Key, g.State, g.Incarnation)))],
        };
    }

    /// <summary>What nodes that answer say of one that does not: the worst of it.</summary>
    private static string ByGossip(NodeId node, IReadOnlyDictionary<NodeId, Heard> heard, DateTimeOffset now, TimeSpan aliveFor)
    {
        var said = Answering(heard, now, aliveFor).Where(h => h.Key != node)
            .SelectMany(h => h.Value.Gossip).Where(g => g.Node == node).Select(g => g.State).ToList();
        return said.Contains("dead") || said.Contains("left") ? "dead" : said.Contains("suspect") || said.Contains("alive") ? "suspect" : "unknown";
    }
}
