using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>Who owns each segment now, and who will after the plan that the view is about.</summary>
internal sealed class HeatmapOwners
{
    private readonly Dictionary<int, int> leaderOfShard;
    private readonly Dictionary<string, int> nodeByName;
    private readonly IReadOnlyList<Move> moves;

    /// <summary>Reads the map, the leaders and, in the After-plan mode, the plan's moves.</summary>
    public HeatmapOwners(HeatmapInput input)
    {
        var nodeById = input.Nodes.Select((n, i) => (n.Id, i)).ToDictionary(x => x.Id, x => x.i);
        nodeByName = input.Nodes.Select((n, i) => (n.Name, i)).ToDictionary(x => x.Name, x => x.i, StringComparer.Ordinal);
        leaderOfShard = input.Map.Shards.ToDictionary(s => (int)s.Id.Value, s => nodeById.GetValueOrDefault(s.PreferredLeader, HeatmapBuilder.NoLeader));
        foreach (var shard in input.Shards)
        {
            if (nodeById.TryGetValue(shard.Leader, out var index))
            {
                leaderOfShard[shard.Id.Value] = index;
            }
        }

        Now = [.. input.Map.Owners.Select(o => (int)o.Value)];
        var after = (int[])Now.Clone();
        moves = input.View.Mode == HeatmapMode.AfterPlan && input.Plan is { } plan ? [.. plan.Plan.Moves.Where(m => m.Segment.Value < Now.Length)] : [];
        foreach (var move in moves)
        {
            after[move.Segment.Value] = move.To.Value;
        }

        Moved = moves.Select(m => (int)m.Segment.Value).ToHashSet();
        AtForecast = after;
    }

    /// <summary>Shard of each segment now.</summary>
    public int[] Now { get; }

    /// <summary>Shard of each segment in the forecast: after the plan, where there is one.</summary>
    public int[] AtForecast { get; }

    /// <summary>The shard under which a segment stands in the picture.</summary>
    public int[] Shown => AtForecast;

    /// <summary>Segments that the plan moves.</summary>
    public IReadOnlySet<int> Moved { get; }

    /// <summary>Whether the plan moves this segment.</summary>
    public bool IsMoved(int segment) => Moved.Contains(segment);

    /// <summary>Index of the shard's leader, or <see cref="HeatmapBuilder.NoLeader"/>.</summary>
    public int LeaderOf(int shard) => leaderOfShard.GetValueOrDefault(shard, HeatmapBuilder.NoLeader);

    /// <summary>Index of a node, -1 for an unknown one.</summary>
    public int NodeIndex(string name) => nodeByName.GetValueOrDefault(name, -1);

    /// <summary>What is said of a row. A folded row is named after its lowest segment and carries the shard of most of its segments.</summary>
    public HeatmapRow RowOf(int[] segments, HeatmapView view)
    {
        var shard = segments.GroupBy(s => Shown[s]).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
        return new HeatmapRow((ushort)segments.Min(), (ushort)segments.Length, (ushort)(view.Rows == HeatmapRows.Nodes ? 0 : shard), (ushort)LeaderOf(shard));
    }

    /// <summary>For rows that are shards or nodes: the row that each segment is counted in when <paramref name="ownerOf"/> owns it; -1 for none.</summary>
    public int[] RowOfSegment(IReadOnlyList<int[]> rows, HeatmapView view, int[] ownerOf)
    {
        int KeyOf(int shard) => view.Rows == HeatmapRows.Nodes ? LeaderOf(shard) : shard;
        var rowByKey = rows.Select((r, i) => (Key: KeyOf(Shown[r[0]]), i)).ToDictionary(x => x.Key, x => x.i);
        var shown = rows.SelectMany(r => r).ToHashSet();
        return [.. ownerOf.Select((shard, s) => shown.Contains(s) ? rowByKey.GetValueOrDefault(KeyOf(shard), -1) : -1)];
    }

    /// <summary>Where the moved segments stand: one mark for each run of rows; only the first of a pair of shards carries the count.</summary>
    public IReadOnlyList<MovedMark> MovedMarks(IReadOnlyList<int[]> rows)
    {
        var marks = new List<MovedMark>();
        var moveOf = moves.ToDictionary(m => (int)m.Segment.Value);
        foreach (var pair in moves.GroupBy(m => (m.From, m.To)).OrderBy(g => g.Key.To).ThenBy(g => g.Key.From))
        {
            var count = pair.Count();
            var run = -1;
            for (var r = 0; r <= rows.Count; r++)
            {
                var inside = r < rows.Count && rows[r].Any(s => moveOf.TryGetValue(s, out var m) && (m.From, m.To) == pair.Key);
                if (inside && run < 0)
                {
                    run = r;
                }
                else if (!inside && run >= 0)
                {
                    marks.Add(new MovedMark(pair.Key.From.ToString(), pair.Key.To.ToString(), run, r - 1, count, [.. pair.Select(m => (int)m.Segment.Value)]));
                    (run, count) = (-1, 0);
                }
            }
        }

        return marks;
    }
}
