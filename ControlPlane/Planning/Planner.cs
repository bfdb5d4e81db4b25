using System.Collections.Immutable;
using System.Globalization;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Makes a whole plan: first it removes predicted load above the sharding threshold and outside the comfort zones, then it saves bytes, then it cuts as
/// little co-access as it can and prefers empty and near targets. It never pushes anyone over a limit.
/// </summary>
internal static class Planner
{
    /// <summary>Kind of a plan that rests on a forecast.</summary>
    public const string Predictive = "load";

    /// <summary>Kind of a plan that rests on measured load.</summary>
    public const string Reactive = "reactive";

    /// <summary>Two plans whose remaining excess differs by less than this ratio are equally good; the cheaper one wins.</summary>
    private const double EquallyGood = 0.02;

    /// <summary>The plan, or why there is none. The same input gives the same result; ties go to the lower id.</summary>
    public static PlanningResult Run(PlanningInput input, PlanningOptions options)
    {
        var result = Search(input, options);
        return result with { Sizing = SizingAdvice.Of(input.Scores) };
    }

    /// <summary>
    /// Newest predicted peak per shard with moves under way counted as done, mcore: what <see cref="PlanPreconditionCheck"/> compares a plan's peaks with.
    /// </summary>
    public static IReadOnlyDictionary<ShardId, double> ShardPeaks(PlanningInput input)
    {
        var layout = new Layout(input, new PlanningOptions());
        return layout.Shards.Select((s, i) => (layout.Map.Shards[i].Id, Peak: s.Before.Max())).ToDictionary(p => p.Id, p => p.Peak);
    }

    private static PlanningResult Search(PlanningInput input, PlanningOptions options)
    {
        if (input.SegmentBytes.Count != input.Scores.Map.SegmentCount)
        {
            throw new ArgumentException($"There are {input.SegmentBytes.Count} segment sizes and {input.Scores.Map.SegmentCount} segments in the map.");
        }

        var search = new PlanSearch(input, options);
        search.TransferLeaders();
        var frugal = search.PerByte();
        search.Run();
        if (search.Moves.Count > 0)
        {
            frugal.Run();
            search = Better(search, frugal);
        }

        if (search.Layout.All.Any(l => l.Triggered))
        {
            ExactSearch.MaybeImprove(search, options, input.Links.Count > 0);
        }

        var starts = PlanTimetable.Of(input, options, search);
        var figures = PlanReport.Figures(input, options, search, starts);
        var wording = new PlanWording(input, options, search);
        var refusals = wording.Refusals();
        var basis = input.Scores.Unforeseen is { } unforeseen ? $"Not foreseen: {unforeseen} now; the load of the last minutes is taken to go on for an hour where it is above the forecast. "
            : input.Scores.Reactive is null ? "" : $"Reactive, because {input.Scores.Reactive}: the load of the last minutes is taken to go on. ";
        if (IsEmpty(search))
        {
            return Nothing(input, search, figures, refusals, basis + wording.NothingToDo()) with { TransferRefusals = wording.TransferRefusals() };
        }

        if (figures.GainMinutes < options.MinGainMinutes)
        {
            return Nothing(input, search, figures, refusals, basis + string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing to do: {Words.Actions(search.Moves.Count, search.Transfers.Count)} would save {figures.GainMinutes:0} minutes over the limits, the least that is worth a plan is {options.MinGainMinutes:0}."));
        }

        var reason = basis + wording.PlanReason();
        var moves = InTime(search, wording, input, starts);
        var plan = new Plan(
            input.Scores.Reactive is null ? Predictive : Reactive, input.Now, input.Scores.Map.Epoch, reason, moves, Preconditions(input, options, search), wording.Transfers(moves.Length));
        return new PlanningResult(
            plan, reason, refusals, input.Scores.Reactive, figures, PlanReport.Shards(search.Layout), PlanReport.Nodes(input, search.Layout))
        {
            ExcessLeft = search.Excess,
            ExcessBound = PlanBound.Excess(search.Layout, input.Scores.Field.Spans),
            Evaluations = search.Evaluations,
            TransferRefusals = wording.TransferRefusals(),
        };
    }

    /// <summary>What exactly these moves and transfers would do, on the newest forecast: the plan that consists of them, with its figures. A plan without any is null.</summary>
    /// <param name="chosen">The moves, in the order in which they are made.</param>
    /// <param name="transfers">The transfers of leadership.</param>
    /// <param name="reason">Why they were chosen.</param>
    public static PlanningResult Evaluate(PlanningInput input, PlanningOptions options, IEnumerable<Move> chosen, IEnumerable<LeaderTransfer> transfers, string reason)
    {
        var search = new PlanSearch(input, options);
        search.TakeGiven(transfers);
        search.TakeGiven(chosen);
        var starts = PlanTimetable.Of(input, options, search);
        var figures = PlanReport.Figures(input, options, search, starts);
        if (IsEmpty(search))
        {
            return Nothing(input, search, figures, [], "Nothing is left to move.");
        }

        var wording = new PlanWording(input, options, search);
        var moves = InTime(search, wording, input, starts);
        var plan = new Plan(
            input.Scores.Reactive is null ? Predictive : Reactive, input.Now, input.Scores.Map.Epoch, reason, moves, Preconditions(input, options, search), wording.Transfers(moves.Length));
        return new PlanningResult(
            plan, reason, [], input.Scores.Reactive, figures, PlanReport.Shards(search.Layout), PlanReport.Nodes(input, search.Layout));
    }

    private static bool IsEmpty(PlanSearch search) => search.Moves.Count == 0 && search.Transfers.Count == 0;

    // In the order in which they begin.
    private static ImmutableArray<Move> InTime(PlanSearch search, PlanWording wording, PlanningInput input, IReadOnlyList<DateTimeOffset> starts)
    {
        var clumps = new PlanClumps(input.Links).Number(search.Moves);
        return
        [
            .. search.Moves.Select((m, i) => (Move: m, Start: starts[i], Clump: clumps[i])).OrderBy(m => m.Start)
                .Select((m, i) => wording.Describe(m.Move, i + 1, input.Scores.Reactive is null ? m.Start : null, m.Clump)),
        ];
    }

    private static PlanSearch Better(PlanSearch first, PlanSearch second)
    {
        var (a, b) = (first.Excess, second.Excess);
        if (Math.Abs(a - b) > (EquallyGood * Math.Max(a, b)) + 1e-6)
        {
            return a < b ? first : second;
        }

        return second.Cost < first.Cost ? second : first;
    }

    // Nothing moves: before and after are the same.
    private static PlanningResult Nothing(PlanningInput input, PlanSearch search, PlanFigures figures, IReadOnlyList<Refusal> refusals, string reason)
    {
        var unchanged = figures with
        {
            Moves = 0,
            Bytes = 0,
            Seconds = 0,
            BalanceAfter = figures.BalanceBefore,
            MinutesOverAfter = figures.MinutesOverBefore,
            NodeMinutesOverAfter = figures.NodeMinutesOverBefore,
            LatestStart = null,
            SuggestedStart = null,
        };
        return new PlanningResult(
            null, reason, refusals, input.Scores.Reactive, unchanged,
            [.. PlanReport.Shards(search.Layout).Select(s => s with { AfterMillicores = s.BeforeMillicores })],
            [.. PlanReport.Nodes(input, search.Layout).Select(n => n with { After = n.Before })])
        {
            ExcessLeft = ExcessWithout(search),
            ExcessBound = PlanBound.Excess(search.Layout, input.Scores.Field.Spans),
            Evaluations = search.Evaluations,
        };
    }

    private static double ExcessWithout(PlanSearch search)
    {
        search.Clear();
        return search.Excess;
    }

    private static PlanPreconditions Preconditions(PlanningInput input, PlanningOptions options, PlanSearch search)
    {
        var layout = search.Layout;
        var used = search.Moves.SelectMany(m => new[] { m.From, m.To }).Concat(search.Transfers.Select(t => t.Shard)).Distinct().OrderBy(i => layout.Map.Shards[i].Id).ToArray();
        var members = search.Moves.SelectMany(m => layout.Map.Shards[m.To].Replicas.Where(layout.Alive.Contains)
            .Append(Placement.LeaderOf(layout.Map.Shards[m.From], layout.Alive)))
            .Concat(search.Transfers.SelectMany(t => new[] { t.From, t.To }).Select(n => input.Scores.Members[n].Member.Id));
        return new PlanPreconditions(
            [.. used.Select(i => layout.Map.Shards[i].Id)], [.. members.Where(layout.Alive.Contains).Distinct().Order()], options.ForecastTolerance,
            [.. used.Select(i => layout.Shards[i].Before.Max())], input.Scores.ThresholdMillicores);
    }
}
