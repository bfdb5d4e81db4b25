using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>Forecasts of what leading and following cost.</summary>
internal readonly record struct PaperForecast(ForecastResult Cpu, ForecastResult? FollowerCpu);

/// <summary>
/// The product's planner, asked regularly. Without forecasts it is the reactive policy: the largest load of the last five minutes is taken to go on, and a plan begins at
/// once. With forecasts a move begins when its start has come; until then the plan is made anew with what is known by then. Load over a limit that was measured is answered within a minute, as without forecasts.
/// </summary>
/// <param name="everySeconds">Time between two looks, s, above 0.</param>
/// <param name="forecasts">The newest forecast at a moment; null where there is none (yet).</param>
internal sealed class PlannedPolicy(ScoringOptions scoring, PlanningOptions planning, int everySeconds, Func<PaperMoment, PaperForecast?>? forecasts) : IPaperPolicy
{
    /// <summary>How often measured load is looked at, whatever the forecast says.</summary>
    private const int LookSeconds = 60;

    private readonly List<(DateTimeOffset At, WantedMove Move)> later = [];
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private DateTimeOffset look = DateTimeOffset.MinValue;
    private PaperBurden? burden;

    // Overload that no move helps: looked at again when a plan is due anyway.
    private bool fruitless;

    /// <summary>Segments that must stay where they are.</summary>
    public IReadOnlySet<SegmentId> Pinned { get; init; } = new HashSet<SegmentId>();

    /// <summary>Nodes that must take nothing on.</summary>
    public IReadOnlySet<NodeId> Excluded { get; init; } = new HashSet<NodeId>();

    /// <summary>What operators have forbidden.</summary>
    public IReadOnlyList<PlanConstraint> Constraints { get; init; } = [];

    /// <summary>Every this many seconds, on measured load, as the product's fallback does.</summary>
    public static PlannedPolicy Reactive(ScoringOptions scoring, PlanningOptions planning, int everySeconds = 60) => new(scoring, planning, everySeconds, null);

    /// <inheritdoc/>
    public IReadOnlyList<WantedMove> Decide(PaperMoment moment)
    {
        // With forecasts a plan is made every so often, and in between as soon as measured load is over a limit.
        if (moment.Now < next && (forecasts is null || fruitless || moment.Now < look || IsQuiet(moment)))
        {
            return Due(moment.Now);
        }

        look = moment.Now.AddSeconds(LookSeconds);
        next = moment.Now < next ? next : moment.Now.AddSeconds(everySeconds);
        if (forecasts is null && IsQuiet(moment))
        {
            return [];
        }

        var forecast = forecasts?.Invoke(moment);
        var board = Scorer.Run(new ScoreInput(moment.Now, moment.Map, moment.Members, moment.Measured, forecast?.Cpu, forecast?.FollowerCpu), scoring);
        var result = Planner.Run(
            new PlanningInput(moment.Now, board, moment.SegmentBytes) { UnderWay = moment.UnderWay, Past = moment.Past, Pinned = Pinned, Excluded = Excluded, Constraints = Constraints, LeadersStay = true }, planning);
        fruitless = result.Plan is null;
        later.Clear();
        later.AddRange((result.Plan?.Moves ?? []).Select(m => (m.StartAt ?? moment.Now, new WantedMove(m.Segment, m.From, m.To))));
        return Due(moment.Now);
    }

    // The moves of the newest plan whose start has come.
    private List<WantedMove> Due(DateTimeOffset now)
    {
        var due = later.Where(m => m.At <= now).Select(m => m.Move).ToList();
        later.RemoveAll(m => m.At <= now);
        return due;
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
