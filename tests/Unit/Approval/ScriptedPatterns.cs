using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Approval;

/// <summary>Access patterns as a test says them.</summary>
internal sealed class ScriptedPatterns : IAccessPatterns
{
    public IReadOnlyList<SegmentLink> Known { get; set; } = [];

    public IReadOnlyList<SegmentLink> Links() => Known;

    public IReadOnlyList<IReadOnlyList<SegmentId>> ClumpsOfSegments() => [];
}
