using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Components.Fakes;

/// <summary>Two clumps, a chain, hot keys, and four weeks with a daily season; everything may be emptied.</summary>
internal sealed class FakePatterns : IPatternQueries, ISeasonQueries
{
    public bool Empty { get; set; }

    public PatternSummary Summary() => new(Empty ? 0 : 41_000, 24, 55 << 20, null, Empty ? 0 : 3, Empty ? 0 : 2, Empty ? 0 : 1, 0.8);

    public IReadOnlyList<ClumpView> ClumpViews() => Empty ? [] : [new([Id(1), Id(2), Id(3)], 50, 0.8), new([Id(400), Id(401)], 4, 0.7)];

    public IReadOnlyList<ChainView> ChainViews(int? segment) => Empty ? [] : [new([Id(1), Id(2), Id(400)], 10, 1.5, 0.9, 12)];

    public IReadOnlyList<LinkView> LinkViews(int? segment) => Empty ? [] : [new(Id(1), Id(2), 10, 30, 4), new(Id(2), Id(3), 10, 20, 4), new(Id(400), Id(401), 5, 4, 3)];

    public IReadOnlyList<TransitionView> Transitions(int segment) => [];

    public IReadOnlyList<HeavyKey> HotKeys(int? segment, int count) => Empty ? [] : [new(611, 0xABC, "cart:{eu-1}", 900, 10, 0.62), new(7, 0xDEF, null, 50, 0, 0.1)];

    public Task<SeasonProfile> SeasonsAsync(DateTimeOffset now, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var starts = Empty ? [] : Enumerable.Range(0, 28 * 24).Select(h => now.AddHours(h - (28 * 24))).ToList();
        return Task.FromResult(Seasonality.Of(starts, starts.ConvertAll(s => 1000 + (100.0 * s.Hour)), zone));
    }

    private static SegmentId Id(int segment) => new((ushort)segment);
}
