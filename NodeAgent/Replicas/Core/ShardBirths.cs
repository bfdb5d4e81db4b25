using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>What M's leader owes to shards that come and go with nodes, for one term.</summary>
internal sealed class ShardBirths(ReplicaOptions options)
{
    private const string Cluster = "cluster";

    private readonly RepeatGuard guard = new(options.RepeatMs * 1000L);
    private readonly HashSet<(ShardId Shard, ulong Birth)> opened = [];

    /// <summary>A node says that it has opened a shard that was born for it.</summary>
    public void OnBorn(ShardBorn message) => opened.Add((message.Group.Shard, message.Birth));

    /// <summary>Entries for M's log. Called at every tick of the loop.</summary>
    /// <param name="isLongDead">Whether a node is gone for longer than the grace time.</param>
    public List<MetaCommand> Look(MetaState state, Func<NodeId, bool> isAlive, Func<NodeId, bool> isLongDead, long nowMs, long unixMs)
    {
        var proposals = new List<MetaCommand>();
        proposals.AddRange(state.Births.Where(b => !b.IsOpen && opened.Contains((b.Shard, b.Id)) && May(1, b.Shard)).Select(b => new NoteBorn(unixMs, b.Shard)));
        opened.Clear();
        foreach (var shard in state.Retiring.Where(s => MetaMachine.WhyNotRemove(state, s) is null && May(2, s)))
        {
            proposals.Add(new RemoveShard(unixMs, shard, Cluster, "It is empty and its node is being emptied"));
        }

        foreach (var birth in state.Births.Where(b => !b.IsOpen && (isLongDead(b.Node) || state.Draining.Contains(b.Node)) && MetaMachine.WhyNotRemove(state, b.Shard) is null && May(3, b.Shard)))
        {
            proposals.Add(new RemoveShard(unixMs, birth.Shard, Cluster, "Its node is gone, or leaves, and has not opened it"));
        }

        proposals.AddRange(Widenings(state, isAlive, unixMs).Where(w => May(4, w.Group.Shard)));
        proposals.AddRange(Hopeless(state, isLongDead, unixMs).Where(c => guard.MayTake(5, c.Change, nowMs * 1000)));
        guard.Keep(id => id <= ushort.MaxValue || state.ReplicaChanges.ContainsKey(id));
        return proposals;

        bool May(int kind, ShardId shard) => guard.MayTake(kind, shard.Value, nowMs * 1000);
    }

    /// <summary>Nodes that are to open a shard that was born for them.</summary>
    public IReadOnlyList<(NodeId To, ReplicaMessage Message)> Orders(MetaState state, long nowMs) =>
    [
        .. state.Births.Where(b => !b.IsOpen && guard.MayTake(6, b.Shard.Value, nowMs * 1000))
            .Select(b => (b.Node, (ReplicaMessage)new BearShard(GroupId.Of(b.Shard), state.Genesis!.ClusterId, b.Id))),
    ];

    /// <summary>The changes that give open shards their other replicas. What was chosen for one counts for the next.</summary>
    private static List<SetReplicas> Widenings(MetaState state, Func<NodeId, bool> isAlive, long unixMs)
    {
        var widenings = new List<SetReplicas>();
        var chosen = new Dictionary<NodeId, int>();
        foreach (var birth in state.Births.Where(b => b.IsOpen && !state.Retiring.Contains(b.Shard)))
        {
            var group = GroupId.Of(birth.Shard);
            var now = state.ReplicasOf(group);
            if (state.ChangeOf(group) is null && ReplicaPlacement.Widen(state, group, state.Genesis!.ReplicationFactor, isAlive, chosen) is var wanted && wanted.Length > now.Length)
            {
                widenings.Add(new SetReplicas(unixMs, group, now, wanted, state.Map.Find(birth.Shard)!.PreferredLeader, Cluster, $"The shard came with node {birth.Node} and gets its other replicas"));
            }
        }

        return widenings;
    }

    /// <summary>A widening that leads to a node that has died since goes back, so that another can be chosen.</summary>
    private static IEnumerable<CancelReplicas> Hopeless(MetaState state, Func<NodeId, bool> isLongDead, long unixMs) => state.ReplicaChanges.Values
        .Where(c => c.Group != GroupId.Meta && c.Emptied.IsNone && !c.IsCancelled && state.BirthOf(c.Group.Shard) is not null && c.Wanted.Any(n => !c.Before.Contains(n) && isLongDead(n)))
        .Select(c => new CancelReplicas(unixMs, c.Id, Cluster, "A node that was to take a replica is dead"));
}
