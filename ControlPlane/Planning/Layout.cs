using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Who carries what, with the moves under way and the moves taken so far counted as done. A segment costs the leader of its shard the leader's share and
/// every follower the follower's; so a move between shards of one node relieves that node of nothing. A move is looked at without being taken, and taking
/// or taking back one costs only the sums that it touches.
/// </summary>
internal sealed partial class Layout
{
    private readonly LoadField field;
    private readonly int[] owners;
    private readonly List<int>[] segments;
    private readonly (int Shard, LoadRole Role)[][] hosted;
    private readonly Dictionary<Limited, int> places = [];
    private readonly Limited[] triggered;
    private readonly List<int> open = [];
    private readonly bool[] isOpen;
    private long openVersion = -1;
    private long version;
    private readonly LoadSum?[] following;

    public Layout(PlanningInput input, PlanningOptions options)
    {
        var board = input.Scores;
        field = board.Field;
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

        segments = [.. Map.Shards.Select(_ => new List<int>())];
        for (var s = 0; s < owners.Length; s++)
        {
            if (owners[s] >= 0)
            {
                segments[owners[s]].Add(s);
            }
        }

        var nodeIndex = board.Members.Select((m, i) => (m.Member.Id, i)).ToDictionary(p => p.Id, p => p.i);
        Roles = [.. Map.Shards.Select(s =>
        {
            var leader = input.TransfersUnderWay.FirstOrDefault(t => t.Shard == s.Id && Alive.Contains(t.To) && s.Replicas.Contains(t.To))?.To ?? Placement.LeaderOf(s, Alive);
            return s.Replicas.Where(nodeIndex.ContainsKey).Select(r => (Node: nodeIndex[r], Role: leader == r ? LoadRole.Lead : LoadRole.Follow)).ToArray();
        })];
        touched = new Touch[2 + (2 * Roles.Select(r => r.Length).DefaultIfEmpty(0).Max())];
        var onNode = board.Members.Select(_ => new List<(int Shard, LoadRole Role)>()).ToArray();
        for (var i = 0; i < Roles.Length; i++)
        {
            foreach (var (node, role) in Roles[i])
            {
                onNode[node].Add((i, role));
            }
        }

        following = new LoadSum?[Map.Shards.Length];
        hosted = [.. onNode.Select(n => n.ToArray())];
        var keep = 1 - options.Hysteresis;
        Shards = [.. Map.Shards.Select((s, i) => new Limited(
            s.Id.ToString(), false, board.ThresholdMillicores, keep * board.ThresholdMillicores, field, SumOf(i, LoadRole.Lead)))];
        Nodes = [.. board.Members.Select((m, i) =>
        {
            var limit = m.Alive && m.Member.Capacity.CpuMillicores > 0 ? board.ComfortZone * m.Member.Capacity.CpuMillicores : double.PositiveInfinity;
            return new Limited(m.Member.Name, true, limit, keep * limit, field, Carried(i, board.Nodes[i].BaseMillicores));
        })];
        All = [.. Shards, .. Nodes];
        triggered = [.. All.Where(l => l.Triggered)];
        isOpen = new bool[Shards.Length];
        preview = new double[field.StepCount];
        scratch = new LoadSum(field);
        leaving = new (double, int, long)[owners.Length];
        Array.Fill(leaving, (0, -1, 0));
        alone = [new double[]?[owners.Length], new double[]?[owners.Length]];
        for (var i = 0; i < All.Length; i++)
        {
            places[All[i]] = i < Shards.Length ? i : i - Shards.Length;
        }
    }

    // A copy that is changed by itself; what never changes is shared.
    private Layout(Layout other)
    {
        field = other.field;
        (Map, Alive, alone) = (other.Map, other.Alive, other.alone);
        owners = [.. other.owners];
        segments = [.. other.segments.Select(s => new List<int>(s))];
        Roles = [.. other.Roles.Select(r => r.ToArray())];
        hosted = [.. other.hosted.Select(h => h.ToArray())];
        following = [.. other.following];
        Shards = [.. other.Shards.Select(s => s.Copy())];
        Nodes = [.. other.Nodes.Select(n => n.Copy())];
        All = [.. Shards, .. Nodes];
        triggered = [.. All.Where(l => l.Triggered)];
        isOpen = new bool[Shards.Length];
        preview = new double[field.StepCount];
        scratch = new LoadSum(field);
        touched = new Touch[other.touched.Length];
        leaving = [.. other.leaving];
        for (var i = 0; i < All.Length; i++)
        {
            places[All[i]] = i < Shards.Length ? i : i - Shards.Length;
        }
    }

    public ShardMap Map { get; }

    public IReadOnlySet<NodeId> Alive { get; }

    /// <summary>In the order of the map's shards.</summary>
    public Limited[] Shards { get; }

    /// <summary>In the order of the members.</summary>
    public Limited[] Nodes { get; }

    /// <summary>All that have a limit.</summary>
    public Limited[] All { get; }

    /// <summary>Per shard: the nodes that hold a replica, and their role.</summary>
    public (int Node, LoadRole Role)[][] Roles { get; }

    /// <summary>What is left over the limits, minutes × ratio.</summary>
    public double Excess
    {
        get
        {
            double excess = 0;
            foreach (var limited in triggered)
            {
                excess += limited.ExcessNow;
            }

            return excess;
        }
    }

    /// <summary>The same as it is now, to be changed by itself.</summary>
    public Layout Copy() => new(this);

    /// <summary>Grows with everything that is taken or taken back.</summary>
    public long Version => version;

    /// <summary>Shard index of a segment; -1 where the map names an unknown shard.</summary>
    public int OwnerOf(int segment) => owners[segment];

    /// <summary>Segments that a shard owns with the moves taken so far, in no order.</summary>
    public IReadOnlyList<int> SegmentsOf(int shard) => segments[shard];

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

    /// <summary>The fullest of a shard and the nodes that carry it, peak ÷ limit.</summary>
    public double FullnessOf(int shard)
    {
        var fullest = Shards[shard].Fullness;
        foreach (var (node, _) in Roles[shard])
        {
            fullest = Math.Max(fullest, Nodes[node].Fullness);
        }

        return fullest;
    }

    /// <summary>Segments that a shard or node carries, each with the role.</summary>
    public IEnumerable<(int Segment, LoadRole Role)> CarriedBy(Limited limited)
    {
        (int Shard, LoadRole Role)[] shards = limited.IsNode ? hosted[places[limited]] : [(places[limited], LoadRole.Lead)];
        return shards.SelectMany(shard => segments[shard.Shard].Select(s => (s, shard.Role)));
    }

    /// <summary>Raises the weight of each segment that somebody carries to its mean in a step ÷ the limit, where that is more; segments that had no weight are added to a list.</summary>
    public void WeighCarried(Limited limited, int step, double[] weights, List<int> weighed)
    {
        (int Shard, LoadRole Role)[] shards = limited.IsNode ? hosted[places[limited]] : [(places[limited], LoadRole.Lead)];
        foreach (var (shard, role) in shards)
        {
            foreach (var segment in segments[shard])
            {
                var weight = field.Means(role, segment)[step] / limited.Limit;
                if (weight > weights[segment])
                {
                    if (weights[segment] == 0)
                    {
                        weighed.Add(segment);
                    }

                    weights[segment] = weight;
                }
            }
        }
    }

    /// <summary>Takes a move, or takes it back.</summary>
    public void Apply(int segment, int to)
    {
        var count = FindTouched(owners[segment], to);
        for (var i = 0; i < count; i++)
        {
            var (limited, removed, added) = touched[i];
            if (removed is { } old)
            {
                limited.Sum.Add(old, segment, -1);
            }

            if (added is { } role)
            {
                limited.Sum.Add(role, segment);
            }

            limited.Refresh();
        }

        version++;
        (following[owners[segment]], following[to]) = (null, null);
        segments[owners[segment]].Remove(segment);
        segments[to].Add(segment);
        owners[segment] = to;
    }

    /// <summary>The nodes that follow a shard.</summary>
    public IEnumerable<int> FollowersOf(int shard) => Roles[shard].Where(r => r.Role == LoadRole.Follow).Select(r => r.Node);

    /// <summary>Shards that a node leads.</summary>
    public IEnumerable<int> LedBy(int node) => hosted[node].Where(h => h.Role == LoadRole.Lead).Select(h => h.Shard);

    /// <summary>Lets another node that holds a replica lead a shard.</summary>
    public void Transfer(int shard, int to)
    {
        var from = LeaderOf(shard);
        var (leading, follow) = (Shards[shard].Sum, FollowingOf(shard));
        version++;
        Nodes[from].Sum.Exchange(leading, follow);
        Nodes[to].Sum.Exchange(follow, leading);
        Nodes[from].Refresh();
        Nodes[to].Refresh();
        foreach (var (node, role) in new[] { (from, LoadRole.Follow), (to, LoadRole.Lead) })
        {
            Roles[shard][Array.FindIndex(Roles[shard], r => r.Node == node)] = (node, role);
            hosted[node][Array.FindIndex(hosted[node], h => h.Shard == shard)] = (shard, role);
        }
    }

    /// <summary>What a transfer of leadership would do. Only the two nodes are concerned: the shard keeps its segments.</summary>
    public MoveEffect TryTransfer(int shard, int to)
    {
        var from = LeaderOf(shard);
        var (leading, follow) = (Shards[shard].Sum, FollowingOf(shard));
        double gain = 0, fullest = 0;
        if (double.IsFinite(Nodes[to].Limit))
        {
            Nodes[to].Sum.PreviewExchange(preview, follow, leading);
            var harm = Nodes[to].FirstHarm(preview);
            if (harm >= 0)
            {
                return new MoveEffect(0, 0, Nodes[to], harm, preview[harm]);
            }

            gain += Nodes[to].ExcessNow - Nodes[to].Excess(preview);
            fullest = Limited.PeakOf(preview) / Nodes[to].Limit;
        }

        Nodes[from].Sum.PreviewExchange(preview, leading, follow);
        return new MoveEffect(gain + Nodes[from].ExcessNow - Nodes[from].Excess(preview), fullest, null, -1, 0);
    }

    /// <summary>Whether those whom two shards concern are all unharmed by the moves taken so far.</summary>
    public bool IsHarmless(int shard) =>
        Shards[shard].FirstHarm(Shards[shard].Scores) < 0 && Array.TrueForAll(Roles[shard], r => Nodes[r.Node].FirstHarm(Nodes[r.Node].Scores) < 0);

    // What following a shard costs; kept until the shard gets or loses a segment.
    private LoadSum FollowingOf(int shard) => following[shard] ??= SumOf(shard, LoadRole.Follow);

    private LoadSum SumOf(int shard, LoadRole role)
    {
        var sum = new LoadSum(field);
        foreach (var segment in segments[shard])
        {
            sum.Add(role, segment);
        }

        return sum;
    }

    // What a node carries: from the sums of its shards, which are much fewer than its segments.
    private LoadSum Carried(int node, double baseLoad)
    {
        var sum = new LoadSum(field, baseLoad);
        foreach (var (shard, role) in hosted[node])
        {
            sum.Add(role == LoadRole.Lead ? Shards[shard].Sum : FollowingOf(shard));
        }

        return sum;
    }
}
