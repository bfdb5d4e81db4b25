using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>Forecasts of what leading and following cost.</summary>
internal readonly record struct PaperForecast(ForecastResult Cpu, ForecastResult? FollowerCpu);

/// <summary>
/// The product's planner, asked regularly. Without forecasts it is the reactive policy: the largest load of the last five minutes is taken to go on, and a plan begins at
/// once. With forecasts a plan begins when its suggested start has come; until then it is made anew with what is known by then.
/// </summary>
/// <param name="everySeconds">Time between two looks, s, above 0.</param>
/// <param name="forecasts">The newest forecast at a moment; null where there is none (yet).</param>
internal sealed class PlannedPolicy(ScoringOptions scoring, PlanningOptions planning, int everySeconds, Func<PaperMoment, PaperForecast?>? forecasts) : IPaperPolicy
{
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private PaperBurden? burden;

    /// <summary>Segments that must stay where they are.</summary>
    public IReadOnlySet<SegmentId> Pinned { get; init; } = new HashSet<SegmentId>();

    /// <summary>Nodes that must take nothing on.</summary>
    public IReadOnlySet<NodeId> Excluded { get; init; } = new HashSet<NodeId>();

    /// <summary>Every this many seconds, on measured load, as the product's fallback does.</summary>
    public static PlannedPolicy Reactive(ScoringOptions scoring, PlanningOptions planning, int everySeconds = 60) => new(scoring, planning, everySeconds, null);

    /// <inheritdoc/>
    public IReadOnlyList<WantedMove> Decide(PaperMoment moment)
    {
        if (moment.Now < next)
        {
            return [];
        }

        next = moment.Now.AddSeconds(everySeconds);
        if (forecasts is null && IsQuiet(moment))
        {
            return [];
        }

        var forecast = forecasts?.Invoke(moment);
        var board = Scorer.Run(new ScoreInput(moment.Now, moment.Map, moment.Members, moment.Measured, forecast?.Cpu, forecast?.FollowerCpu), scoring);
        var result = Planner.Run(
            new PlanningInput(moment.Now, board, moment.SegmentBytes) { UnderWay = moment.UnderWay, Past = moment.Past, Pinned = Pinned, Excluded = Excluded }, planning);
        return result.Plan is { } plan && (result.Figures.SuggestedStart is not { } start || start <= moment.Now)
            ? [.. plan.Moves.Select(m => new WantedMove(m.Segment, m.From, m.To))]
            : [];
    }

    // On measured load alone, the planner does nothing where nobody is over a limit: looking is cheaper than planning. Moves under way count as done.
    private bool IsQuiet(PaperMoment moment)
    {
        burden ??= new PaperBurden(moment.Map, moment.Members, Placement.Alive(moment.Members));
        var owners = moment.Map.Owners.ToBuilder();
        foreach (var move in moment.UnderWay)
        {
            owners[move.Segment.Value] = move.To;
        }

        var nodes = burden.Of(moment.Measured, owners.ToImmutable());
        return burden.Led.All(l => l <= scoring.ThresholdMillicores)
            && nodes.Select((load, n) => (Load: load, moment.Members[n].Member.Capacity.CpuMillicores)).All(x => x.CpuMillicores <= 0 || x.Load <= scoring.ComfortZone * x.CpuMillicores);
    }
}
