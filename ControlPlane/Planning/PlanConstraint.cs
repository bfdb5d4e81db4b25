using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>What a constraint forbids. Persisted as words, append-only.</summary>
internal enum ConstraintKind
{
    /// <summary>Its segments stay where they are.</summary>
    Pin,

    /// <summary>Its nodes take nothing on: no segment goes to a shard with a replica there, no leadership goes there. What is there stays.</summary>
    Exclude,

    /// <summary>No two of its segments go to one shard (anti-affinity). Where two are together already, that alone makes no plan.</summary>
    Apart,
}

/// <summary>A constraint that an operator has put in force: every plan keeps it, and what it forbids names it as the reason.</summary>
internal sealed record PlanConstraint(string Name, ConstraintKind Kind, IReadOnlySet<SegmentId> Segments, IReadOnlySet<NodeId> Nodes);
