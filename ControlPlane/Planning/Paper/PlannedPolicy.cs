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
        var forecast = forecasts?.Invoke(moment);
        var board = Scorer.Run(new ScoreInput(moment.Now, moment.Map, moment.Members, moment.Measured, forecast?.Cpu, forecast?.FollowerCpu), scoring);
        var result = Planner.Run(
            new PlanningInput(moment.Now, board, moment.SegmentBytes) { UnderWay = moment.UnderWay, Past = moment.Past, Pinned = Pinned, Excluded = Excluded }, planning);
        return result.Plan is { } plan && (result.Figures.SuggestedStart is not { } start || start <= moment.Now)
            ? [.. plan.Moves.Select(m => new WantedMove(m.Segment, m.From, m.To))]
            : [];
    }
}
