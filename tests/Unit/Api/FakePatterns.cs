using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Api;

/// <summary>Patterns as a test wants them.</summary>
internal sealed class FakePatterns : IPatternQueries
{
    public PatternSummary Summary() => new(1000, 24, 4096, null, 2, 1, 1, 0.5);

    public IReadOnlyList<ClumpView> ClumpViews() => [new([Id(1), Id(2)], 5, 0.8), new([Id(3), Id(4)], 4, 0.7)];

    public IReadOnlyList<ChainView> ChainViews(int? segment) => [new([Id(1), Id(segment ?? 2)], 10, 1, 0.9, double.NaN)];

    public IReadOnlyList<LinkView> LinkViews(int? segment) => [new(Id(segment ?? 1), Id(2), 10, 1, 4)];

    public IReadOnlyList<TransitionView> Transitions(int segment) => [new(Id(segment), Id(2), 10, 1, 0.5)];

    public IReadOnlyList<HeavyKey> HotKeys(int? segment, int count) => [new(segment ?? 7, 0xABC, "a", 10, 1, 0.25), new(segment ?? 8, 0xDEF, null, 5, 0, 0.1)];

    private static SegmentId Id(int segment) => new((ushort)segment);
}
