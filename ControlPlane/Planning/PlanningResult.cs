using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Predicted peak without and with the plan. For a shard mcore, for a node ratio of its CPU capacity.</summary>
internal sealed record ShardEffect(ShardId Shard, double BeforeMillicores, double AfterMillicores);

/// <summary>Predicted CPU peak of a node as a ratio of its capacity; NaN where that is not limited.</summary>
internal sealed record NodeRatioEffect(NodeId Node, double Before, double After);

/// <summary>A transfer of leadership that was looked at and not taken, and why.</summary>
internal sealed record TransferRefusal(ShardId Shard, NodeId From, NodeId To, string Reason);

/// <summary>What the planner found.</summary>
/// <param name="Plan">The plan; null when there is nothing to do.</param>
/// <param name="Reason">Why the plan, or why none, in plain words with figures.</param>
/// <param name="Refusals">Candidates that were looked at and not taken.</param>
/// <param name="Reactive">Why it rests on measured load instead of a forecast; null when it is predictive.</param>
/// <param name="Figures">What the plan changes; without a plan before and after are equal.</param>
/// <param name="Shards">Before and after per shard, ascending by id.</param>
/// <param name="Nodes">Before and after per node, in the order of the members.</param>
internal sealed record PlanningResult(
    Plan? Plan, string Reason, IReadOnlyList<Refusal> Refusals, string? Reactive, PlanFigures Figures,
    IReadOnlyList<ShardEffect> Shards, IReadOnlyList<NodeRatioEffect> Nodes)
{
    /// <summary>Transfers of leadership that were looked at and not taken.</summary>
    public IReadOnlyList<TransferRefusal> TransferRefusals { get; init; } = [];

    /// <summary>Excess over the limits that is left, minutes × ratio; that without a plan where there is none.</summary>
    public double ExcessLeft { get; init; }

    /// <summary>Excess below which no plan can go, same unit.</summary>
    public double ExcessBound { get; init; }

    /// <summary>Moves that were looked at.</summary>
    public int Evaluations { get; init; }

    /// <summary>Whether the cluster is too small or too large for its forecast, with numbers; null where its size fits.</summary>
    public string? Sizing { get; init; }
}

/// <summary>A plan in numbers.</summary>
/// <param name="Moves">Moves of segments; transfers of leadership are not counted: they copy nothing.</param>
/// <param name="Seconds">Estimated duration, real seconds.</param>
/// <param name="BalanceBefore">Busiest node ÷ mean, at its peak; NaN without load.</param>
/// <param name="MinutesOverBefore">Predicted shard-minutes over the sharding threshold in the horizon. Moves under way count as done.</param>
/// <param name="NodeMinutesOverBefore">Predicted node-minutes outside the comfort zone.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="CrossesAt">When the first limit that the plan relieves is predicted to be passed; null where none is.</param>
/// <param name="LatestStart">Last moment to start and be done before that; not before now. Null without a plan.</param>
/// <param name="SuggestedStart">Lowest load of the fleet between now and <paramref name="LatestStart"/>. Null without a plan.</param>
internal sealed record PlanFigures(
    int Moves, long Bytes, double Seconds, double BalanceBefore, double BalanceAfter, double MinutesOverBefore, double MinutesOverAfter,
    double NodeMinutesOverBefore, double NodeMinutesOverAfter, double Confidence,
    DateTimeOffset? CrossesAt, DateTimeOffset? LatestStart, DateTimeOffset? SuggestedStart)
{
    /// <summary>Minutes over a limit that the plan saves, shards and nodes together.</summary>
    public double GainMinutes => MinutesOverBefore - MinutesOverAfter + NodeMinutesOverBefore - NodeMinutesOverAfter;
}
