using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Who carries what, with the moves under way and the moves taken so far counted as done. A segment costs the leader of its shard the leader's share and
/// every follower the follower's; so a move between shards of one node relieves that node of nothing.
/// </summary>
internal sealed class Layout
{
    private readonly LoadField field;
    private readonly int[] owners;
    private readonly LoadSum scratch;

    public Layout(PlanningInput input, PlanningOptions options)
    {
        var board = input.Scores;
        field = board.Field;
        scratch = new LoadSum(field);
        Map = board.Map;
        Alive = Placement.Alive(board.Members);
        var shardIndex = Map.Shards.Select((s, i) => (s.Id, i)).ToDictionary(p => p.Id, p => p.i);
        owners = [.. Map.Owners.Select(o => shardIndex.GetValueOrDefault(o, -1))];
        foreach (var move in input.UnderWay)
        {
            if (move.Segment.Value < owners.Length && shardIndex.TryGetValue(move.To, out var to))
            {
                owners[move.Segment.Value] = to;
            }
        }

        var nodeIndex = board.Members.Select((m, i) => (m.Member.Id, i)).ToDictionary(p => p.Id, p => p.i);
        Roles = [.. Map.Shards.Select(s => s.Replicas.Where(nodeIndex.ContainsKey)
            .Select(r => (Node: nodeIndex[r], Role: Placement.LeaderOf(s, Alive) == r ? LoadRole.Lead : LoadRole.Follow)).ToArray())];
        var keep = 1 - options.Hysteresis;
        Shards = [.. Map.Shards.Select((s, i) => new Limited(
            s.Id.ToString(), false, board.ThresholdMillicores, keep * board.ThresholdMillicores, field, SumOfShard(i)))];
        Nodes = [.. board.Members.Select((m, i) =>
        {
            var limit = m.Alive && m.Member.Capacity.CpuMillicores > 0 ? board.ComfortZone * m.Member.Capacity.CpuMillicores : double.PositiveInfinity;
            return new Limited(m.Member.Name, true, limit, keep * limit, field, SumOfNode(i, board.Nodes[i].BaseMillicores));
        })];
    }

    public ShardMap Map { get; }

    public IReadOnlySet<NodeId> Alive { get; }

    /// <summary>In the order of the map's shards.</summary>
    public Limited[] Shards { get; }

    /// <summary>In the order of the members.</summary>
    public Limited[] Nodes { get; }

    /// <summary>Per shard: the nodes that hold a replica, and their role.</summary>
    public (int Node, LoadRole Role)[][] Roles { get; }

    /// <summary>Shard index of a segment; -1 where the map names an unknown shard.</summary>
    public int OwnerOf(int segment) => owners[segment];

    /// <summary>Index of the node that leads a shard; -1 when it is no member.</summary>
    public int LeaderOf(int shard)
    {
        foreach (var (node, role) in Roles[shard])
        {
            if (role == LoadRole.Lead)
            {
                return node;
            }
        }

        return -1;
    }

    /// <summary>All that have a limit.</summary>
    public IEnumerable<Limited> All => Shards.Concat(Nodes);

    /// <summary>Takes a move, or takes it back.</summary>
    public void Apply(int segment, int to)
    {
        foreach (var (limited, removed, added) in Touched(owners[segment], to))
        {
            Change(limited.Sum, segment, removed, added);
        }

        owners[segment] = to;
    }

    /// <summary>What a move would do: how much excess it removes, and whom it would push over.</summary>
    public MoveEffect Try(int segment, int to)
    {
        double gain = 0, fullest = 0;
        foreach (var (limited, removed, added) in Touched(owners[segment], to))
        {
            scratch.CopyFrom(limited.Sum);
            Change(scratch, segment, removed, added);
            if (added is not null)
            {
                var harm = limited.FirstHarm(scratch);
                if (harm >= 0)
                {
                    return new MoveEffect(0, 0, limited, harm, scratch.Score(harm));
                }

                fullest = Math.Max(fullest, scratch.Score(limited.PeakStep(scratch.Score)) / limited.Limit);
            }

            gain += limited.Excess(limited.Sum) - limited.Excess(scratch);
        }

        return new MoveEffect(gain, fullest, null, -1, 0);
    }

    // Everyone whose load changes, once, with the role that goes and the role that comes.
    private IEnumerable<(Limited Limited, LoadRole? Removed, LoadRole? Added)> Touched(int from, int to)
    {
        yield return (Shards[from], LoadRole.Lead, null);
        yield return (Shards[to], null, LoadRole.Lead);
        foreach (var (node, role) in Roles[from])
        {
            var after = RoleIn(to, node);
            if (after != role)
            {
                yield return (Nodes[node], role, after);
            }
        }

        foreach (var (node, role) in Roles[to])
        {
            if (RoleIn(from, node) is null)
            {
                yield return (Nodes[node], null, role);
            }
        }
    }

    private LoadRole? RoleIn(int shard, int node)
    {
        foreach (var (holder, role) in Roles[shard])
        {
            if (holder == node)
            {
                return role;
            }
        }

        return null;
    }

    private static void Change(LoadSum sum, int segment, LoadRole? removed, LoadRole? added)
    {
        if (removed is { } old)
        {
            sum.Add(old, segment, -1);
        }

        if (added is { } role)
        {
            sum.Add(role, segment);
        }
    }

    private LoadSum SumOfShard(int shard)
    {
        var sum = new LoadSum(field);
        for (var s = 0; s < owners.Length; s++)
        {
            if (owners[s] == shard)
            {
                sum.Add(LoadRole.Lead, s);
            }
        }

        return sum;
    }

    private LoadSum SumOfNode(int node, double baseLoad)
    {
        var sum = new LoadSum(field, baseLoad);
        for (var s = 0; s < owners.Length; s++)
        {
            if (owners[s] >= 0 && RoleIn(owners[s], node) is { } role)
            {
                sum.Add(role, s);
            }
        }

        return sum;
    }
}

/// <summary>Effect of a move that was only looked at.</summary>
/// <param name="Gain">Excess removed, minutes × ratio; negative when others get more than this one loses.</param>
/// <param name="Fullest">Largest peak ÷ limit among those that take load on.</param>
/// <param name="Harmed">Who would be pushed over its limit; null when nobody is.</param>
/// <param name="HarmStep">In which step.</param>
/// <param name="HarmScore">To what, mcore.</param>
internal readonly record struct MoveEffect(double Gain, double Fullest, Limited? Harmed, int HarmStep, double HarmScore);
