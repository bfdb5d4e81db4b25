using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What is known of access patterns.</summary>
/// <param name="Accesses">Sampled and imported accesses, decayed.</param>
/// <param name="HalfLifeHours">Model hours after which one counts half.</param>
/// <param name="MemoryBytes">Memory that they take at most.</param>
/// <param name="At">When patterns were last looked for, model time; null: not yet.</param>
/// <param name="LocalShare">Share of accesses together with another segment that the clumps keep among themselves, 0..1.</param>
internal sealed record PatternSummary(
    double Accesses, double HalfLifeHours, long MemoryBytes, DateTimeOffset? At, int Links, int Clumps, int Chains, double LocalShare);

/// <summary>Segments that are used together.</summary>
/// <param name="PerSecond">How often two of them are, a second, estimated from the samples.</param>
/// <param name="LocalShare">Share of the members' shared accesses that stays within the clump, 0..1.</param>
internal sealed record ClumpView(IReadOnlyList<SegmentId> Segments, double PerSecond, double LocalShare);

/// <summary>Segments that are used one after the other.</summary>
/// <param name="Count">Times seen, surely, decayed.</param>
/// <param name="Confidence">Share of its beginnings that go on to the last segment.</param>
/// <param name="Lift">How many times as often as chance; NaN where chance would never.</param>
internal sealed record ChainView(IReadOnlyList<SegmentId> Segments, double Count, double PerSecond, double Confidence, double Lift);

/// <summary>Two segments that are used together.</summary>
internal sealed record LinkView(SegmentId One, SegmentId Other, double Count, double PerSecond, double Lift);

/// <summary>What comes after a segment.</summary>
/// <param name="Count">Times seen, surely, decayed.</param>
/// <param name="Error">How many more it may have been.</param>
/// <param name="Probability">Least share of what comes after <paramref name="From"/>.</param>
internal sealed record TransitionView(SegmentId From, SegmentId To, double Count, double Error, double Probability);

/// <summary>What is asked about access patterns.</summary>
internal interface IPatternQueries
{
    /// <summary>What is known.</summary>
    PatternSummary Summary();

    /// <summary>Clumps, heaviest first.</summary>
    IReadOnlyList<ClumpView> ClumpViews();

    /// <summary>Chains, most frequent first; of one segment, or all.</summary>
    IReadOnlyList<ChainView> ChainViews(int? segment);

    /// <summary>Links, heaviest first; of one segment, or all.</summary>
    IReadOnlyList<LinkView> LinkViews(int? segment);

    /// <summary>What comes after a segment, most frequent first.</summary>
    IReadOnlyList<TransitionView> Transitions(int segment);

    /// <summary>Hot keys of one segment, or of all, most often seen first.</summary>
    IReadOnlyList<HeavyKey> HotKeys(int? segment, int count);
}

/// <summary>What is asked about seasons of the request rate.</summary>
internal interface ISeasonQueries
{
    /// <summary>Seasons of the last four weeks before <paramref name="now"/> (model time), by the hours of a zone. Empty where nothing was measured or imported.</summary>
    Task<SeasonProfile> SeasonsAsync(DateTimeOffset now, TimeZoneInfo zone, CancellationToken cancellation);
}
