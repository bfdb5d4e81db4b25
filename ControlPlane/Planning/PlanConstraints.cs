using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>The constraints of operators, by what they are about. Each no has its words; of several that say the same the first one speaks.</summary>
internal sealed class PlanConstraints
{
    private readonly Dictionary<SegmentId, string> pinned = [];
    private readonly Dictionary<NodeId, string> excluded = [];
    private readonly Dictionary<SegmentId, List<PlanConstraint>> apart = [];

    public PlanConstraints(IReadOnlyList<PlanConstraint> all)
    {
        foreach (var constraint in all)
        {
            foreach (var node in constraint.Kind == ConstraintKind.Exclude ? constraint.Nodes : new HashSet<NodeId>())
            {
                excluded.TryAdd(node, constraint.Name);
            }

            foreach (var segment in constraint.Kind == ConstraintKind.Exclude ? new HashSet<SegmentId>() : constraint.Segments)
            {
                if (constraint.Kind == ConstraintKind.Pin)
                {
                    pinned.TryAdd(segment, constraint.Name);
                }
                else if (!apart.TryAdd(segment, [constraint]))
                {
                    apart[segment].Add(constraint);
                }
            }
        }
    }

    /// <summary>"pinned by the constraint “billing”"; null where nothing pins the segment.</summary>
    public string? WhyPinned(SegmentId segment) => pinned.TryGetValue(segment, out var name) ? $"pinned by the constraint “{name}”" : null;

    /// <summary>"takes nothing on by the constraint “repairs”"; null where nothing excludes the node.</summary>
    public string? WhyExcluded(NodeId node) => excluded.TryGetValue(node, out var name) ? $"takes nothing on by the constraint “{name}”" : null;

    /// <summary>Whether a segment is to be apart from others.</summary>
    public bool IsApart(SegmentId segment) => apart.ContainsKey(segment);

    /// <summary>"the constraint “hot pair” keeps it apart from segment 7, which is there"; null where nothing is against the segment in a place.</summary>
    /// <param name="isThere">Whether another segment is in that place.</param>
    public string? WhyApart(SegmentId segment, Func<SegmentId, bool> isThere)
    {
        foreach (var constraint in apart.GetValueOrDefault(segment) ?? [])
        {
            foreach (var other in constraint.Segments.Order())
            {
                if (other != segment && isThere(other))
                {
                    return $"the constraint “{constraint.Name}” keeps it apart from segment {other}, which is there";
                }
            }
        }

        return null;
    }
}
