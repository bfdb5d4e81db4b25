using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Members.Core;

/// <summary>Puts together what single nodes say of the equality of replicas.</summary>
internal static class IntegrityMerge
{
    /// <summary>
    /// The whole picture. What is due and being done is told by the node that leads a shard now; the newest report counts, whoever carried it through: a leader that was
    /// deposed or has died still made the last comparison.
    /// </summary>
    /// <param name="state">The snapshot that it goes into.</param>
    /// <param name="said">What each node last said, also of nodes that are silent now.</param>
    public static FleetIntegrity Of(FleetState state, IReadOnlyDictionary<NodeId, NodeIntegrity> said)
    {
        var reachable = state.Nodes.Where(n => n.IsServing).Select(n => n.Id).ToHashSet();
        var leading = said.Where(s => reachable.Contains(s.Key)).OrderBy(s => s.Key)
            .SelectMany(s => s.Value.Shards.Where(c => c.Leads).Select(c => (Node: s.Key, Check: c))).ToLookup(x => x.Check.Shard);
        var newest = said.Values.SelectMany(s => s.Shards).Where(c => c.Last is not null).ToLookup(c => c.Shard, c => c.Last!);
        var leads = state.Map.Shards.Select(s => (s.Id, Now: Leading(leading[s.Id].ToList(), state.LeaderOf(s.Id)))).ToList();
        return new FleetIntegrity(
            [.. leads.Select(s => new ShardComparison(s.Id, s.Now.Node, s.Now.Check?.Step ?? "", s.Now.Check?.NextUnixMs ?? 0, newest[s.Id].MaxBy(r => r.EndedUnixMs)))],
            [.. leads.Where(s => s.Now.Check is { Orphans.IsDefault: false }).SelectMany(s => s.Now.Check!.Orphans.Select(o => new FleetOrphan(s.Id, s.Now.Node, o))).OrderBy(o => o.Status.Segment)],
            [.. said.Where(s => s.Key == state.MetaLeader && reachable.Contains(s.Key)).SelectMany(s => s.Value.Maps)],
            said.Values.Sum(s => s.Checks), said.Values.Sum(s => s.Differences), said.Values.Sum(s => s.Repaired));
    }

    /// <summary>Of two that say they lead a shard the one that the snapshot holds for the leader.</summary>
    private static (NodeId Node, ShardIntegrity? Check) Leading(List<(NodeId Node, ShardIntegrity Check)> claims, NodeId leader) =>
        claims.Count == 0 ? default : claims.FirstOrDefault(c => c.Node == leader) is { Check: not null } right ? right : claims[0];
}
