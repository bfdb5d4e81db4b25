using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Patterns;

/// <summary>What the planner can ask about how segments are used together.</summary>
internal interface IAccessPatterns
{
    /// <summary>Pairs of segments that are used together and how often a second; each pair once, heaviest first.</summary>
    IReadOnlyList<SegmentLink> Links();

    /// <summary>Groups of segments that are used together, heaviest first; a segment is in one at most.</summary>
    IReadOnlyList<IReadOnlyList<SegmentId>> ClumpsOfSegments();
}
