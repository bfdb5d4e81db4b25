using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Members and changes of replicas as console and REST show them.</summary>
internal static class MemberRows
{
    /// <summary>Changes of one filling begin together; those that ended before are of another one.</summary>
    private const long SameBatchMs = 60_000;

    /// <summary>Members in the order of the snapshot, then the nodes beside them.</summary>
    public static IReadOnlyList<MemberRow> Of(FleetState state, IReadOnlyList<Drain> drains) =>
        [.. state.Nodes.Select(n => Row(state, n, drains)), .. state.Strangers.Select(s => new MemberRow(
            s.Id, s.Name, "", "", "alive", s.KnowsMap ? MemberStage.Left : MemberStage.Joining, [], 0, 0, new Dictionary<string, int>(), 0, 0, false, false, 0, "", null, null))];

    /// <summary>Name of a node; the beginning of its id where it is no member.</summary>
    public static string Name(FleetState state, NodeId node) =>
        node.IsNone ? "" : state.Find(node)?.Member.Name ?? state.Strangers.FirstOrDefault(s => s.Id == node)?.Name ?? node.ToString()[..6];

    /// <summary>Replicas of a group; null where the map does not know it.</summary>
    public static IReadOnlyList<ReplicaRow>? Replicas(FleetState state, GroupId group)
    {
        var shard = state.Map.Find(group.Shard);
        if (group != GroupId.Meta && shard is null)
        {
            return null;
        }

        IReadOnlyList<NodeId> nodes = group == GroupId.Meta ? state.MetaReplicas : shard!.Replicas;
        var said = nodes.Select(n => (Node: n, Status: group == GroupId.Meta ? null : state.Find(n)?.Replicas.FirstOrDefault(r => r.Shard == group.Shard))).ToList();
        var leader = group == GroupId.Meta ? state.MetaLeader : state.LeaderOf(group.Shard);
        var head = said.FirstOrDefault(s => s.Node == leader).Status?.Applied;
        return [.. said.Select(s => new ReplicaRow(
            s.Node, Name(state, s.Node), state.Find(s.Node)?.Member.Zone ?? "", state.Find(s.Node)?.Health ?? "unknown",
            group == GroupId.Meta ? s.Node == leader ? "leader" : "follower" : s.Status?.Role.ToLowerInvariant() ?? "unknown", shard?.PreferredLeader == s.Node,
            s.Status?.Applied ?? 0, s.Status is { } own && head is { } applied ? Math.Max(0, (long)applied - (long)own.Applied) : -1))];
    }

    /// <summary>A change of replicas.</summary>
    public static ReplicaChangeRow Of(FleetState state, ReplicaChangeStatus c)
    {
        var isEnded = c.Phase is ReplicaPhase.Done or ReplicaPhase.Cancelled;
        return new ReplicaChangeRow(
            c.Id, c.Group.ToString(), [.. c.Before.Except(c.Wanted).Select(n => Name(state, n))], [.. c.Wanted.Except(c.Before).Select(n => Name(state, n))], c.Phase, c.IsCancelled,
            c.Phase switch { ReplicaPhase.Requested => 0.1, ReplicaPhase.CatchingUp => 0.4, ReplicaPhase.Changing => 0.8, _ => 1 }, c.Waiting, c.Log[0].By, c.Log[0].Reason,
            DateTimeOffset.FromUnixTimeMilliseconds(c.Log[0].UnixMs), isEnded ? DateTimeOffset.FromUnixTimeMilliseconds(c.Log[^1].UnixMs) : null, c);
    }

    private static MemberRow Row(FleetState state, FleetNode node, IReadOnlyList<Drain> drains)
    {
        var trips = state.Nodes.Where(n => n.Id != node.Id).Select(n => n.RoundTripMicros.GetValueOrDefault(node.Id)).Concat(node.RoundTripMicros.Values).Where(t => t > 0).Order().ToList();
        var inMeta = state.MetaReplicas.Contains(node.Id);
        var held = state.Map.Shards.Count(s => s.Replicas.Contains(node.Id)) + (inMeta ? 1 : 0);
        var takers = state.Nodes.Count(n => n.IsServing && !state.Draining.Contains(n.Id));
        var progress = state.Draining.Contains(node.Id) ? DrainProgress(state, node.Id, drains.FirstOrDefault(d => d.Node == node.Id)) : FillProgress(state, node.Id);
        return new MemberRow(
            node.Id, node.Member.Name, node.Member.Zone, $"{node.Member.Addresses.Host}:{node.Member.Addresses.ClientPort}", node.Health, Stage(state, node.Id, held, progress),
            [.. node.Opinions.Where(o => o.State is "suspect" or "dead").Select(o => Name(state, o.By)).Order(StringComparer.Ordinal)],
            node.Opinions.Count == 0 ? 0 : node.Opinions.Max(o => o.Incarnation), trips.Count == 0 ? 0 : trips[trips.Count / 2],
            node.RoundTripMicros.ToDictionary(r => Name(state, r.Key), r => r.Value), held, state.Map.Shards.Count(s => state.LeaderOf(s.Id) == node.Id), inMeta,
            state.MetaLeader == node.Id, takers == 0 ? 0 : state.Map.Shards.Sum(s => s.Replicas.Length) / takers, node.Version, progress, node.HeardAt);
    }

    private static MemberStage Stage(FleetState state, NodeId node, int held, MemberProgress? progress) =>
        state.Draining.Contains(node) ? DrainBook.IsEmpty(state, node) ? MemberStage.Drained : MemberStage.Draining
        : progress is not null ? MemberStage.Filling : held == 0 ? MemberStage.Empty : MemberStage.Serving;

    private static MemberProgress DrainProgress(FleetState state, NodeId node, Drain? drain)
    {
        var held = DrainBook.Held(state, node);
        var open = DrainBook.Open(state).Where(c => c.Before.Contains(node) && !c.Wanted.Contains(node)).ToList();
        var groups = Math.Max(drain?.Groups ?? 0, held.Count);
        return new MemberProgress(
            "drain", groups, groups - held.Count, open.Count, WhyNot(state, node, held, open), drain is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(drain.BeganUnixMs),
            drain?.By ?? "", drain?.ThenLeave ?? false);
    }

    /// <summary>What a drain waits for: what the changes say, or that no member can take a group's replica.</summary>
    private static string WhyNot(FleetState state, NodeId node, IReadOnlyList<GroupId> held, List<ReplicaChangeStatus> open)
    {
        if (open.Find(c => c.Waiting.Length > 0) is { } waiting)
        {
            return $"{waiting.Group}: {waiting.Waiting}";
        }

        if (state.Map.Owners.Count(o => state.Retiring.Contains(o) && state.Map.Find(o)?.PreferredLeader == node) is > 0 and var left)
        {
            return $"{left} segments have to move from the shards that go with it: approve the plan of kind membership.";
        }

        if (state.Migrations.FirstOrDefault(m => !m.Phase.IsEnded() && state.Retiring.Contains(m.From) && state.Map.Find(m.From)?.PreferredLeader == node) is { } kept)
        {
            return $"{kept.From} goes when the former copies of what it owned are no longer kept (migration {kept.Id}, {kept.Phase.Label()}).";
        }

        var takers = state.Nodes.Where(n => n.IsServing && n.Id != node && !state.Draining.Contains(n.Id)).Select(n => n.Id).ToList();
        var stuck = held.Where(g => g == GroupId.Meta || !state.Retiring.Contains(g.Shard)).Where(g => open.TrueForAll(c => c.Group != g)).Where(g => takers.TrueForAll(t => Nodes(state, g).Contains(t))).ToList();
        return stuck.Count == 0 ? "" : $"No other member can take a replica of {string.Join(", ", stuck.Take(5))}{(stuck.Count > 5 ? " and others" : "")}: each has one already. Add a node, or end the drain.";
    }

    private static IReadOnlyList<NodeId> Nodes(FleetState state, GroupId group) =>
        group == GroupId.Meta ? state.MetaReplicas : state.Map.Find(group.Shard)?.Replicas ?? [];

    private static MemberProgress? FillProgress(FleetState state, NodeId node)
    {
        var coming = state.ReplicaChanges.Where(c => c.Wanted.Contains(node) && !c.Before.Contains(node) && !c.IsCancelled).ToList();
        var open = coming.Where(c => c.Phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled)).ToList();
        if (open.Count == 0)
        {
            return null;
        }

        var began = open.Min(c => c.Log[0].UnixMs);
        var done = coming.Count(c => c.Phase == ReplicaPhase.Done && c.Log[0].UnixMs > began - SameBatchMs);
        var waiting = open.Find(c => c.Waiting.Length > 0);
        return new MemberProgress(
            "fill", done + open.Count, done, open.Count, waiting is null ? "" : $"{waiting.Group}: {waiting.Waiting}", DateTimeOffset.FromUnixTimeMilliseconds(began), open[0].Log[0].By, false);
    }
}
