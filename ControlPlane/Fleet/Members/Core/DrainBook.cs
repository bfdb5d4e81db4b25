using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Members.Core;

/// <summary>A drain that is known here. Persisted, append-only names.</summary>
/// <param name="By">Who asked; empty where it was not asked for here.</param>
/// <param name="BeganUnixMs">Real time.</param>
/// <param name="Groups">Groups of which the node had a replica when it began.</param>
/// <param name="ThenLeave">The member leaves by itself when it holds nothing any more.</param>
internal sealed record Drain(NodeId Node, string By, string Reason, long BeganUnixMs, int Groups, bool ThenLeave);

/// <summary>What is owed after a look.</summary>
/// <param name="Book">The drains that are known now.</param>
/// <param name="Leaving">Those whose node is empty and is to leave.</param>
internal sealed record DrainWork(IReadOnlyList<Drain> Book, IReadOnlyList<Drain> Leaving);

/// <summary>Which drains are under way, since when and how far, and who leaves next. The cluster itself only remembers that a member is being emptied.</summary>
internal static class DrainBook
{
    /// <summary>How long a drain that was asked for may take to be seen in the snapshot, which can come from a node that lags, milliseconds.</summary>
    public const long SeenWithinMs = 10_000;

    /// <summary>Looks at a snapshot.</summary>
    /// <param name="known">Drains that were known before.</param>
    /// <param name="unixMs">Now, real time.</param>
    public static DrainWork Look(IReadOnlyList<Drain> known, FleetState state, long unixMs)
    {
        if (state.ClusterId.Length == 0)
        {
            return new DrainWork(known, []);
        }

        var draining = state.Draining.ToHashSet();
        var kept = known.Where(d => state.Find(d.Node) is not null && (draining.Contains(d.Node) || unixMs - d.BeganUnixMs < SeenWithinMs)).ToList();
        var book = kept.Concat(draining.Where(n => kept.TrueForAll(d => d.Node != n)).Select(n => new Drain(n, "", "", unixMs, Held(state, n).Count, false))).OrderBy(d => d.Node).ToList();
        return new DrainWork(book, [.. book.Where(d => d.ThenLeave && draining.Contains(d.Node) && IsEmpty(state, d.Node))]);
    }

    /// <summary>Groups of which a node has a replica, or is to get one: what keeps it from leaving.</summary>
    public static IReadOnlyList<GroupId> Held(FleetState state, NodeId node) =>
    [
        .. state.Map.Shards.Where(s => s.Replicas.Contains(node)).Select(s => GroupId.Of(s.Id)).Concat(state.MetaReplicas.Contains(node) ? [GroupId.Meta] : [])
            .Concat(Open(state).Where(c => Target(c).Contains(node)).Select(c => c.Group)).Distinct().Order(),
    ];

    /// <summary>Whether nothing keeps a node from leaving.</summary>
    public static bool IsEmpty(FleetState state, NodeId node) =>
        Held(state, node).Count == 0 && !Open(state).Any(c => c.Learners.Contains(node) || c.Voters.Contains(node));

    /// <summary>Changes that have not ended.</summary>
    public static IEnumerable<ReplicaChangeStatus> Open(FleetState state) => state.ReplicaChanges.Where(c => c.Phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled));

    /// <summary>Replicas to which a change leads.</summary>
    public static IReadOnlyList<NodeId> Target(ReplicaChangeStatus change) => change.IsCancelled ? change.Before : change.Wanted;
}
