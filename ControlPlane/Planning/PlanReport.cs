namespace ShardConsole.ControlPlane.Planning;

/// <summary>What a plan changes, in numbers.</summary>
internal static class PlanReport
{
    /// <summary>The plan's figures.</summary>
    /// <param name="starts">When its moves begin.</param>
    public static PlanFigures Figures(PlanningInput input, PlanningOptions options, PlanSearch search, IReadOnlyList<DateTimeOffset> starts)
    {
        var layout = search.Layout;
        double Minutes(IEnumerable<Limited> all, bool after) => all.Sum(l => l.MinutesOver(k => after ? l.Sum.Score(k) : l.Before[k]));
        var seconds = (search.Bytes / options.CopyBytesPerSecond) + (search.Moves.Count * options.SecondsPerMove);
        var crosses = CrossesAt(input, layout);
        DateTimeOffset? latest = null, suggested = null;
        if (search.Moves.Count + search.Transfers.Count > 0)
        {
            latest = input.Now;
            if (crosses is { } at && at.AddSeconds(-PlanTimetable.DurationReserve * seconds * input.ClockFactor) is var start && start > input.Now)
            {
                latest = start;
            }

            suggested = starts.Count > 0 ? starts.Min() : input.Now;
        }

        return new PlanFigures(
            search.Moves.Count, search.Bytes, seconds, Balance(input, layout, after: false), Balance(input, layout, after: true),
            Minutes(layout.Shards, false), Minutes(layout.Shards, true), Minutes(layout.Nodes, false), Minutes(layout.Nodes, true),
            Confidence(input, search), crosses, latest, suggested);
    }

    /// <summary>Peaks of all shards.</summary>
    public static IReadOnlyList<ShardEffect> Shards(Layout layout) =>
        [.. layout.Shards.Select((s, i) => new ShardEffect(layout.Map.Shards[i].Id, s.Before.Max(), s.Sum.Scores().Max()))];

    /// <summary>Peaks of all nodes as a ratio of their capacity.</summary>
    public static IReadOnlyList<NodeRatioEffect> Nodes(PlanningInput input, Layout layout) =>
        [.. layout.Nodes.Select((n, i) =>
        {
            double capacity = input.Scores.Members[i].Member.Capacity.CpuMillicores;
            return new NodeRatioEffect(
                input.Scores.Members[i].Member.Id, capacity > 0 ? n.Before.Max() / capacity : double.NaN, capacity > 0 ? n.Sum.Scores().Max() / capacity : double.NaN);
        })];

    // The first limit passed by anyone whom the plan relieves; without a plan, by anyone.
    private static DateTimeOffset? CrossesAt(PlanningInput input, Layout layout)
    {
        var field = input.Scores.Field;
        var anyone = layout.All.Any(l => l.Triggered && l.MinutesOver(l.Sum.Score) < l.MinutesOver(k => l.Before[k]));
        for (var k = 0; k < field.StepCount; k++)
        {
            if (layout.All.Any(l => l.Before[k] > l.Limit && (!anyone || l.Sum.Score(k) <= l.Limit)))
            {
                return field.Starts[k];
            }
        }

        return null;
    }

    // Busiest node ÷ mean of all nodes at the busiest one's peak.
    private static double Balance(PlanningInput input, Layout layout, bool after)
    {
        var nodes = layout.Nodes.Select((n, i) => (Node: n, Capacity: (double)input.Scores.Members[i].Member.Capacity.CpuMillicores))
            .Where(n => double.IsFinite(n.Node.Limit)).ToArray();
        double Ratio((Limited Node, double Capacity) n, int k) => (after ? n.Node.Sum.Score(k) : n.Node.Before[k]) / n.Capacity;
        double[] means = [.. Enumerable.Range(0, input.Scores.Field.StepCount).Select(k => nodes.Length == 0 ? 0 : nodes.Average(n => Ratio(n, k)))];
        var busiest = double.NegativeInfinity;
        var balance = double.NaN;
        foreach (var node in nodes)
        {
            var peak = node.Node.PeakStep(k => Ratio(node, k));
            var mean = means[peak];
            if (Ratio(node, peak) > busiest && mean > 0)
            {
                (busiest, balance) = (Ratio(node, peak), Ratio(node, peak) / mean);
            }
        }

        return balance;
    }

    // How far the scores of those that the plan relieves can be trusted, by what they carry; of all shards when it relieves nobody.
    private static double Confidence(PlanningInput input, PlanSearch search)
    {
        var board = input.Scores;
        double sum = 0, weight = 0;
        var sources = search.Moves.Select(m => m.From).Concat(search.Transfers.Select(t => t.Shard)).ToHashSet();
        for (var i = 0; i < board.Shards.Count; i++)
        {
            if (sources.Count == 0 || sources.Contains(i))
            {
                sum += board.Shards[i].Confidence * (board.Shards[i].Peak + 1e-9);
                weight += board.Shards[i].Peak + 1e-9;
            }
        }

        return weight > 0 ? sum / weight : 0;
    }
}
