using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>What was found out when a plan was made. Persisted with it as JSON, append-only fields. Numbers that are unknown are null.</summary>
internal sealed record PlanFindings(
    long Bytes, double Seconds, double? BalanceBefore, double? BalanceAfter, double MinutesOverBefore, double MinutesOverAfter, double Confidence,
    DateTimeOffset? CrossesAt, DateTimeOffset? SuggestedStart, IReadOnlyList<NodeFinding> Nodes, IReadOnlyList<Refusal> Refused, string PolicyVerdict)
{
    /// <summary>Whether the cluster is too small or too large for its forecast; null where its size fits.</summary>
    public string? Sizing { get; init; }

    /// <summary>Transfers of leadership that were looked at and not taken.</summary>
    public IReadOnlyList<TransferRefusal> RefusedTransfers { get; init; } = [];

    /// <summary>Segments that alone were allowed to move; null: all.</summary>
    public IReadOnlyList<int>? Only { get; init; }

    /// <summary>Hash of the plan that this one was made from by an edit or a refresh; null for one that stands for itself.</summary>
    public string? MadeFrom { get; init; }

    /// <summary>The findings of a planner's result.</summary>
    public static PlanFindings Of(PlanningResult result, string policyVerdict)
    {
        var f = result.Figures;
        return new PlanFindings(
            f.Bytes, f.Seconds, Known(f.BalanceBefore), Known(f.BalanceAfter), f.MinutesOverBefore + f.NodeMinutesOverBefore,
            f.MinutesOverAfter + f.NodeMinutesOverAfter, double.IsNaN(f.Confidence) ? 0 : f.Confidence, f.CrossesAt, f.SuggestedStart,
            [.. result.Nodes.Select(n => new NodeFinding(n.Node.ToString(), Known(n.Before), Known(n.After)))], result.Refusals, policyVerdict)
        {
            Sizing = result.Sizing,
            RefusedTransfers = result.TransferRefusals,
        };
    }

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>Predicted CPU peak of a node, ratio of capacity; null where unknown.</summary>
internal sealed record NodeFinding(string Node, double? Before, double? After);
