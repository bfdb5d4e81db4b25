using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Settings.Core;

/// <summary>Constraints of the settings: what is wrong with one, and how the planner takes them. Pure.</summary>
internal static class ConstraintRules
{
    /// <summary>Most segments or nodes of one constraint.</summary>
    public const int MaxNamed = 1024;

    /// <summary>What is wrong with a constraint, "field: problem"; null when it can be used.</summary>
    public static string? Problem(ConstraintRule rule) =>
        string.IsNullOrWhiteSpace(rule.Name) || rule.Name.Length > 64 ? "name: 1 to 64 characters."
        : !Enum.IsDefined(rule.Kind) ? $"kind: none of {string.Join(", ", Enum.GetNames<ConstraintKind>().Select(n => n.ToLowerInvariant()))}."
        : rule.Why.Length > 500 ? "why: at most 500 characters."
        : rule.Kind == ConstraintKind.Exclude ? NodesProblem(rule)
        : rule.Nodes.Count > 0 ? "nodes: only an exclude names nodes."
        : rule.Segments.Count > MaxNamed ? $"segments: at most {MaxNamed}."
        : rule.Segments.Any(s => s is < 0 or >= Slot.Count) ? $"segments: they are 0..{Slot.Count - 1}."
        : rule.Segments.Distinct().Count() != rule.Segments.Count ? "segments: name each once."
        : rule.Kind == ConstraintKind.Pin && rule.Segments.Count < 1 ? "segments: a pin names at least one."
        : rule.Kind == ConstraintKind.Apart && rule.Segments.Count < 2 ? "segments: two at least can be apart."
        : null;

    /// <summary>Those that are switched on, as the planner takes them; segments and nodes that the cluster does not have are left out.</summary>
    /// <param name="node">Id of a node by its name; null where there is none.</param>
    public static IReadOnlyList<PlanConstraint> For(IReadOnlyList<ConstraintRule> rules, int segmentCount, Func<string, NodeId?> node) =>
    [
        .. rules.Where(r => r.Enabled).Select(r => new PlanConstraint(
            r.Name, r.Kind, r.Segments.Where(s => s < segmentCount).Select(s => new SegmentId((ushort)s)).ToHashSet(), r.Nodes.Select(node).OfType<NodeId>().ToHashSet())),
    ];

    private static string? NodesProblem(ConstraintRule rule) =>
        rule.Segments.Count > 0 ? "segments: an exclude names nodes only."
        : rule.Nodes.Count is < 1 or > MaxNamed || rule.Nodes.Any(string.IsNullOrWhiteSpace) ? $"nodes: an exclude names 1 to {MaxNamed} nodes."
        : null;
}
