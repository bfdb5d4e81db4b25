using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated.Core;

/// <summary>
/// Members of a simulated fleet and the changes of its groups' replicas: drains, replacements and their cancelling with the phases and refusals of a real one, and no data.
/// Not safe for concurrent use; time and ids come in as arguments.
/// </summary>
internal sealed class SimulatedReplicas(ImmutableArray<Member> members, ImmutableArray<NodeId> metaReplicas)
{
    private const int MaxOwnChanges = 8;
    private const int MaxEnded = 256;
    private const int MaxReplicas = 7;
    private const double RequestedSeconds = 0.5;
    private const double ChangingSeconds = 0.5;
    private readonly List<Change> changes = [];
    private ulong last;

    /// <summary>All members, in the order in which they came.</summary>
    public ImmutableArray<Member> Members { get; private set; } = members;

    /// <summary>Members that are being emptied.</summary>
    public ImmutableSortedSet<NodeId> Draining { get; private set; } = [];

    /// <summary>Nodes that hold the meta group.</summary>
    public ImmutableArray<NodeId> MetaReplicas { get; private set; } = metaReplicas;

    /// <summary>All changes that are known, newest first.</summary>
    public IReadOnlyList<ReplicaChangeStatus> All => [.. changes.Select(c => c.Status).OrderByDescending(c => c.Id)];

    /// <summary>Goes on from what was kept.</summary>
    public void Restore(IEnumerable<Member> kept, IEnumerable<NodeId> draining, IEnumerable<NodeId> meta) => (Members, Draining, MetaReplicas) = ([.. kept], [.. draining], [.. meta]);

    /// <summary>A node joins.</summary>
    public void Join(Member member) => Members = Members.Add(member);

    /// <summary>Empties a member, ends that, or lets it go.</summary>
    /// <param name="map">The map in force.</param>
    public MetaAnswer Ask(NodeId node, MemberChange change, string by, string reason, ShardMap map, long unixMs)
    {
        if (Members.FirstOrDefault(m => m.Id == node) is not { } member)
        {
            return No("not-member", $"Node {node} is no member of the cluster: it has left already, or never was one.");
        }

        switch (change)
        {
            case MemberChange.Drain or MemberChange.Retire:
                Draining = Draining.Add(node);
                return Yes(0);
            case MemberChange.CancelDrain:
                Draining = Draining.Remove(node);
                foreach (var own in changes.Where(c => c.Emptied == node && c.IsOpen).ToList())
                {
                    _ = Cancel(own.Status.Id, by, reason, unixMs);
                }

                return Yes(0);
            default:
                var held = map.Shards.Count(s => s.Replicas.Contains(node)) + (MetaReplicas.Contains(node) ? 1 : 0) + changes.Count(c => c.IsOpen && c.Target.Contains(node));
                if (held > 0)
                {
                    return No("not-empty", $"{member.Name} still has a part in {held} groups: drain it first, and ask again when it holds no replica.");
                }

                (Members, Draining) = (Members.Remove(member), Draining.Remove(node));
                return Yes(0);
        }
    }

    /// <summary>Begins a change of a group's replicas.</summary>
    public MetaAnswer Replace(GroupId group, ReplaceReplica request, ShardMap map, long unixMs)
    {
        var now = Of(group, map);
        if (now.IsEmpty)
        {
            return No("unknown-shard", $"The group {group} is not in the map of epoch {map.Epoch}: name one that exists.");
        }

        if (changes.Find(c => c.IsOpen && c.Status.Group == group) is { } other)
        {
            return other.Status.Wanted.SequenceEqual(With(other.Status.Before, request.From, request.To)) && !other.Status.IsCancelled ? Yes(other.Status.Id)
                : No("replicas-under-way", $"The replicas of {group} are being changed by {other.Status.Id} ({other.Status.Phase}): wait for it or cancel it.");
        }

        if (!request.From.IsNone && !now.Contains(request.From))
        {
            return No("replicas", $"Node {request.From} holds no replica of {group}: name one of {string.Join(", ", now)}.");
        }

        if (!request.To.IsNone && (now.Contains(request.To) || Members.All(m => m.Id != request.To) || Draining.Contains(request.To)))
        {
            return No("replicas", $"Node {request.To} holds a replica of {group} already, is no member or is being emptied: name another.");
        }

        var wanted = With(now, request.From, request.To);
        return wanted.Length is < 1 or > MaxReplicas
            ? No("replicas", $"The group {group} would have {wanted.Length} replicas: 1 to {MaxReplicas} are possible.")
            : Yes(Begin(group, now, wanted, map, default, request.By, request.Reason, unixMs).Status.Id);
    }

    /// <summary>Takes a change back.</summary>
    public MetaAnswer Cancel(ulong id, string by, string reason, long unixMs)
    {
        var at = changes.FindIndex(c => c.Status.Id == id);
        if (at < 0)
        {
            return No("unknown-change", $"The change {id} of replicas is not known: it never began, or it ended long ago.");
        }

        if (!changes[at].IsOpen)
        {
            return No("too-late", $"The change {id} of the replicas of {changes[at].Status.Group} is {changes[at].Status.Phase}: it has ended.");
        }

        changes[at] = changes[at].Enter(changes[at].Status.Phase, unixMs, by, $"Cancelled: {reason}", cancelled: true);
        return Yes(id);
    }

    /// <summary>Carries everything on.</summary>
    /// <param name="seconds">Real seconds that have passed, at least 0.</param>
    /// <param name="bytesOf">Bytes of a shard.</param>
    /// <param name="bytesPerSecond">Rate at which a new replica fetches its state.</param>
    /// <returns>Changes of the map, in order.</returns>
    public IReadOnlyList<ReplicasChanged> Advance(double seconds, long unixMs, ShardMap map, Func<ShardId, long> bytesOf, double bytesPerSecond)
    {
        List<ReplicasChanged> shown = [];
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].IsOpen)
            {
                changes[i] = Carried(changes[i] with { InPhase = changes[i].InPhase + seconds }, unixMs, map, bytesOf, bytesPerSecond, shown);
            }
        }

        Empty(map, unixMs);
        while (changes.Count(c => !c.IsOpen) > MaxEnded)
        {
            changes.Remove(changes.First(c => !c.IsOpen));
        }

        return shown;
    }

    private static MetaAnswer No(string error, string detail) => new(false, 0, error, detail);

    private static MetaAnswer Yes(ulong id) => new(true, id, null, null);

    private static ImmutableArray<NodeId> With(ImmutableArray<NodeId> replicas, NodeId from, NodeId to) => to.IsNone ? replicas.Remove(from) : replicas.Remove(from).Add(to).Sort();

    private ImmutableArray<NodeId> Of(GroupId group, ShardMap map) => group == GroupId.Meta ? MetaReplicas : map.Find(group.Shard)?.Replicas ?? [];

    private Change Begin(GroupId group, ImmutableArray<NodeId> now, ImmutableArray<NodeId> wanted, ShardMap map, NodeId emptied, string by, string reason, long unixMs)
    {
        var led = map.Find(group.Shard)?.PreferredLeader ?? default;
        var leader = group == GroupId.Meta ? default : wanted.Contains(led) ? led : wanted.FirstOrDefault(n => !now.Contains(n), wanted[0]);
        var change = new Change(
            new ReplicaChangeStatus(++last, group, now, wanted, leader, ReplicaPhase.Requested, false, now, [], "", [new ReplicaEntry(ReplicaPhase.Requested, unixMs, by, last, reason)]), emptied, led);
        changes.Add(change);
        return change;
    }

    /// <summary>Begins what drained members still owe: to other zones first, then to those who hold the fewest replicas.</summary>
    private void Empty(ShardMap map, long unixMs)
    {
        var free = MaxOwnChanges - changes.Count(c => c.IsOpen && !c.Emptied.IsNone);
        foreach (var node in Draining)
        {
            foreach (var group in map.Shards.Select(s => GroupId.Of(s.Id)).Prepend(GroupId.Meta).Where(g => Of(g, map).Contains(node) && !changes.Exists(c => c.IsOpen && c.Status.Group == g)).ToList())
            {
                if (free > 0 && Taker(group, node, map) is { IsNone: false } to)
                {
                    free--;
                    Begin(group, Of(group, map), With(Of(group, map), node, to), map, node, "cluster", "The node is being emptied", unixMs);
                }
            }
        }
    }

    private NodeId Taker(GroupId group, NodeId leaving, ShardMap map)
    {
        var held = Of(group, map);
        var zones = Members.Where(m => m.Id != leaving && held.Contains(m.Id)).Select(m => m.Zone).ToHashSet();
        return Members.Where(m => !held.Contains(m.Id) && !Draining.Contains(m.Id)).OrderBy(m => zones.Contains(m.Zone) ? 1 : 0)
            .ThenBy(m => map.Shards.Count(s => s.Replicas.Contains(m.Id)) + changes.Count(c => c.IsOpen && c.Target.Contains(m.Id))).ThenBy(m => m.Id).FirstOrDefault()?.Id ?? default;
    }

    private Change Carried(Change c, long unixMs, ShardMap map, Func<ShardId, long> bytesOf, double bytesPerSecond, List<ReplicasChanged> shown)
    {
        switch (c.Status.Phase)
        {
            case ReplicaPhase.Requested when c.InPhase >= RequestedSeconds:
                return c.Enter(ReplicaPhase.CatchingUp, unixMs, "cluster", "", learners: [.. c.Target.Except(c.Status.Before)]);
            case ReplicaPhase.CatchingUp when c.InPhase >= (c.Status.Group == GroupId.Meta || c.Status.IsCancelled || c.Status.Learners.IsEmpty ? 0 : bytesOf(c.Status.Group.Shard) / Math.Max(1, bytesPerSecond)):
                return c.Enter(ReplicaPhase.Changing, unixMs, "cluster", "");
            case ReplicaPhase.Changing when c.InPhase >= ChangingSeconds:
                Show(c, map, shown);
                return c.Enter(c.Status.IsCancelled ? ReplicaPhase.Cancelled : ReplicaPhase.Done, unixMs, "cluster", "", voters: c.Target);
            default:
                return c;
        }
    }

    private void Show(Change c, ShardMap map, List<ReplicasChanged> shown)
    {
        if (c.Status.Group == GroupId.Meta)
        {
            MetaReplicas = c.Target;
        }
        else if (!Of(c.Status.Group, map).SequenceEqual(c.Target))
        {
            shown.Add(new ReplicasChanged(c.Status.Group.Shard, c.Target, c.Status.IsCancelled ? c.LedBefore : c.Status.PreferredLeader));
        }
    }

    private sealed record Change(ReplicaChangeStatus Status, NodeId Emptied, NodeId LedBefore)
    {
        public double InPhase { get; init; }

        public bool IsOpen => Status.Phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled);

        public ImmutableArray<NodeId> Target => Status.IsCancelled ? Status.Before : Status.Wanted;

        public Change Enter(ReplicaPhase phase, long unixMs, string by, string reason, bool cancelled = false, ImmutableArray<NodeId>? learners = null, ImmutableArray<NodeId>? voters = null) => this with
        {
            InPhase = 0,
            Status = Status with
            {
                Phase = phase, IsCancelled = Status.IsCancelled || cancelled, Learners = learners ?? [], Voters = voters ?? Status.Voters,
                Log = Status.Log.Add(new ReplicaEntry(phase, unixMs, by, Status.Id + (ulong)Status.Log.Length, reason)),
            },
        };
    }
}
