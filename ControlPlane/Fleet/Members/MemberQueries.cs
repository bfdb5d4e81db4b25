using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Answers what console and REST ask about members, replicas and their equality. Safe for concurrent use.</summary>
internal sealed class MemberQueries : IMemberQueries, IIntegrityQueries, IDisposable
{
    /// <summary>Ended comparisons that are remembered.</summary>
    public const int MaxComparisons = 500;

    private readonly Lock gate = new();
    private readonly IFleet fleet;
    private readonly DrainStore drains;
    private readonly Func<IReadOnlyDictionary<ShardId, long>> bytesByShard;
    private readonly bool canStart;
    private readonly LinkedList<ComparisonRow> ended = new();
    private readonly Dictionary<ShardId, long> newest = [];

    /// <param name="bytesByShard">Bytes of keys and values of this moment, as far as they were reported.</param>
    /// <param name="canStart">The control plane can start nodes by itself.</param>
    public MemberQueries(IFleet fleet, DrainStore drains, Func<IReadOnlyDictionary<ShardId, long>> bytesByShard, bool canStart)
    {
        (this.fleet, this.drains, this.bytesByShard, this.canStart) = (fleet, drains, bytesByShard, canStart);
        fleet.Changed += Remember;
    }

    /// <inheritdoc/>
    public IReadOnlyList<MemberRow> Members() => MemberRows.Of(fleet.State, drains.Known);

    /// <inheritdoc/>
    public MemberRow? Member(string nameOrId)
    {
        var all = Members();
        return all.FirstOrDefault(m => m.Name == nameOrId) ?? (nameOrId.Length == 16 && NodeId.TryParse(nameOrId, out var id) ? all.FirstOrDefault(m => m.Id == id) : null);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaRow>? Replicas(GroupId group) => MemberRows.Replicas(fleet.State, group);

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaChangeRow> ReplicaChanges()
    {
        var state = fleet.State;
        return [.. state.ReplicaChanges.Select(c => MemberRows.Of(state, c))];
    }

    /// <inheritdoc/>
    public MembershipPlan FillPlan(NodeId node)
    {
        var state = fleet.State;
        var bytes = bytesByShard();
        var moves = FillPlanner.Plan(state, node, shard => bytes.GetValueOrDefault(shard));
        return new MembershipPlan(
            "membership", node, MemberRows.Name(state, node),
            [.. moves.Select(m => new MembershipMove(m.Shard, MemberRows.Name(state, m.From), MemberRows.Name(state, m.To), m.TakesLead, m.Bytes, m.Reason))], moves.Sum(m => m.Bytes),
            [.. state.Nodes.Select(n => Share(state, n, moves))]);
    }

    /// <inheritdoc/>
    public JoinHelp Join()
    {
        var seed = fleet.State.Nodes.FirstOrDefault(n => n.IsServing)?.Member.Addresses;
        return new JoinHelp(
            canStart, $"dotnet ShardConsole.NodeAgent.dll --name NAME --data FOLDER --cluster-key-file cluster.key --seed {(seed is null ? "HOST:GOSSIPPORT" : $"{seed.Host}:{seed.GossipPort}")} --announce HOST --zone ZONE --control-plane URL");
    }

    /// <inheritdoc/>
    public IntegrityView Integrity() => IntegrityRows.Of(fleet.State);

    /// <inheritdoc/>
    public IReadOnlyList<ComparisonRow> Comparisons()
    {
        lock (gate)
        {
            return [.. ended];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => fleet.Changed -= Remember;

    private static MemberShare Share(FleetState state, FleetNode node, IReadOnlyList<ReplicaMove> moves)
    {
        var (replicas, leads) = (state.Map.Shards.Count(s => s.Replicas.Contains(node.Id)), state.Map.Shards.Count(s => s.PreferredLeader == node.Id));
        return new MemberShare(
            node.Member.Name, replicas, replicas + moves.Count(m => m.To == node.Id) - moves.Count(m => m.From == node.Id),
            leads, leads + moves.Count(m => m.TakesLead && m.To == node.Id) - moves.Count(m => m.TakesLead && m.From == node.Id));
    }

    private void Remember()
    {
        var state = fleet.State;
        lock (gate)
        {
            foreach (var shard in state.Integrity.Shards)
            {
                if (shard.Last is { } last && newest.GetValueOrDefault(shard.Shard) < last.EndedUnixMs)
                {
                    newest[shard.Shard] = last.EndedUnixMs;
                    ended.AddFirst(IntegrityRows.Of(state, shard.Shard, last));
                }
            }

            while (ended.Count > MaxComparisons)
            {
                ended.RemoveLast();
            }
        }
    }
}
