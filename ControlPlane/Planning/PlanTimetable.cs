using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// When each move of a plan begins: where the fleet's load is low, early enough to be done before the limit is passed that it is for, with no more moves at once than the
/// limits allow, and where copying itself pushes nobody over a limit. Moves are placed in their order, each at the best moment that is left. What can no longer be in time begins at once.
/// </summary>
internal sealed class PlanTimetable
{
    /// <summary>How much longer than estimated a copy may take and still be done in time.</summary>
    public const double DurationReserve = 1.5;

    /// <summary>Steps whose fleet load is within this ratio of the lowest are as good; the first of them is taken.</summary>
    private const double NearlyLowest = 0.02;

    private readonly PlanningInput input;
    private readonly PlanningOptions options;
    private readonly Layout layout;
    private readonly LoadField field;
    private readonly double[] fleet;
    private readonly DateTimeOffset[][] lanes;
    private readonly Dictionary<(int Node, int Step), DateTimeOffset[]> nodes = [];

    private PlanTimetable(PlanningInput input, PlanningOptions options, Layout layout)
    {
        (this.input, this.options, this.layout, field) = (input, options, layout, input.Scores.Field);
        fleet = [.. Enumerable.Range(0, field.StepCount).Select(k => layout.Shards.Sum(s => s.Sum.Mean(k)))];
        lanes = [.. Enumerable.Range(0, field.StepCount).Select(k => Free(k, input.MovesAtOnce))];
    }

    /// <summary>Start of each move, in the order of the moves; all of them now where the plan rests on measured load.</summary>
    public static IReadOnlyList<DateTimeOffset> Of(PlanningInput input, PlanningOptions options, PlanSearch search)
    {
        if (input.Scores.Reactive is not null)
        {
            return [.. search.Moves.Select(_ => input.Now)];
        }

        var table = new PlanTimetable(input, options, search.Layout);
        var crossing = search.Moves.Select(m => table.PassedAt(m.From)).Min();
        return [.. search.Moves.Select(m => table.Place(m, table.PassedAt(m.From) ?? crossing))];
    }

    /// <summary>How long a move takes with all places taken, model time.</summary>
    public static TimeSpan DurationOf(PlanningInput input, PlanningOptions options, int segment) =>
        TimeSpan.FromSeconds(input.ClockFactor * (options.SecondsPerMove + (input.SegmentBytes[segment] / RateOf(input, options))));

    private static double RateOf(PlanningInput input, PlanningOptions options) =>
        Math.Max(1, Math.Min(options.CopyBytesPerSecond / input.MovesPerNode, (input.ClusterBytesPerSecond ?? double.MaxValue) / input.MovesAtOnce));

    // When the shard or one of its nodes passes its limit; null where none does.
    private DateTimeOffset? PassedAt(int shard)
    {
        Limited[] all = [layout.Shards[shard], .. layout.Roles[shard].Select(r => layout.Nodes[r.Node])];
        for (var k = 0; k < field.StepCount; k++)
        {
            if (Array.Exists(all, l => l.Before[k] > l.Limit))
            {
                return field.Starts[k];
            }
        }

        return null;
    }

    private DateTimeOffset Place(PickedMove move, DateTimeOffset? passedAt)
    {
        var duration = DurationOf(input, options, move.Segment);
        var latest = passedAt - (DurationReserve * duration);
        var found = new List<(int Step, DateTimeOffset Start, double Strain)>();
        (int Step, DateTimeOffset Start)? soonest = null;
        for (var k = 0; k < field.StepCount; k++)
        {
            if (StartIn(k, move, duration) is not { } start)
            {
                continue;
            }

            soonest = soonest is { } known && known.Start <= start ? known : (k, start);
            if (latest is null || start <= latest)
            {
                found.Add((k, start, Strain(k, move)));
            }
        }

        if (found.Count == 0)
        {
            // Nothing is in time: it is asked for at once and begins when there is a place.
            var (step, start) = soonest ?? (0, input.Now);
            Book(step, start, move, duration);
            return input.Now;
        }

        var calm = found.FindAll(f => f.Strain <= 1);
        var among = calm.Count > 0 ? calm : found.FindAll(f => f.Strain <= found.Min(x => x.Strain) + 1e-9);
        var enough = (1 + NearlyLowest) * among.Min(f => fleet[f.Step]);
        var best = among.First(f => fleet[f.Step] <= enough);
        return Book(best.Step, best.Start, move, duration);
    }

    // The first moment in a step at which there is a place and both leaders have room for one more, and nothing that was placed before is in the way; null where there is none.
    private DateTimeOffset? StartIn(int step, PickedMove move, TimeSpan duration)
    {
        var (from, to) = (layout.LeaderOf(move.From), layout.LeaderOf(move.To));
        var start = Later(lanes[step].Min(), Later(Node(from, step).Min(), Node(to, step).Min()));
        if (start >= field.Starts[step] + field.Spans[step])
        {
            return null;
        }

        for (var k = step + 1; k < field.StepCount && field.Starts[k] < start + duration; k++)
        {
            if (lanes[k].Min() > field.Starts[k] || Node(from, k).Min() > field.Starts[k] || Node(to, k).Min() > field.Starts[k])
            {
                return null;
            }
        }

        return start;
    }

    private DateTimeOffset Book(int step, DateTimeOffset start, PickedMove move, TimeSpan duration)
    {
        var end = start + duration;
        for (var k = step; k < field.StepCount && (k == step || field.Starts[k] < end); k++)
        {
            foreach (var places in new[] { lanes[k], Node(layout.LeaderOf(move.From), k), Node(layout.LeaderOf(move.To), k) }.Distinct())
            {
                places[Array.IndexOf(places, places.Min())] = end;
            }
        }

        return start;
    }

    // The fullest of those who copy, with what copying costs them, ÷ its limit.
    private double Strain(int step, PickedMove move)
    {
        var copying = RateOf(input, options) / 1e6 * options.CopyMillisecondsPerMegabyte;
        var strain = 0.0;
        foreach (var node in layout.Roles[move.To].Select(r => r.Node).Append(layout.LeaderOf(move.From)).Where(n => n >= 0).Distinct())
        {
            var limited = layout.Nodes[node];
            strain = Math.Max(strain, (Math.Max(limited.Before[step], limited.Scores[step]) + copying) / limited.Limit);
        }

        return strain;
    }

    private DateTimeOffset[] Node(int node, int step)
    {
        if (!nodes.TryGetValue((node, step), out var places))
        {
            nodes[(node, step)] = places = Free(step, input.MovesPerNode);
        }

        return places;
    }

    private DateTimeOffset[] Free(int step, int count)
    {
        var places = new DateTimeOffset[Math.Max(1, count)];
        Array.Fill(places, Later(field.Starts[step], input.Now));
        return places;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
