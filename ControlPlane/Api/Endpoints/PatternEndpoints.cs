using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>How segments are used together, and their hot keys.</summary>
internal static class PatternEndpoints
{
    private const int MaxLimit = 10_000;
    private const string Paging = "segment: only what concerns it. offset, limit: 100 where left out, 10000 at most.";

    /// <summary>Maps GET patterns and what is below it.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var patterns = api.MapGroup("/patterns").WithTags("patterns");
        patterns.MapGet("", (IPatternQueries queries) => queries.Summary()).WithName("GetPatterns").WithSummary("What is known of access patterns: how much was seen, what was found");
        patterns.MapGet("/clumps", (int? segment, int? offset, int? limit, IPatternQueries queries, IHistoryReader history) =>
                Paged(segment, offset, limit, history, s => queries.ClumpViews().Where(c => s is not { } one || c.Segments.Any(m => m.Value == one)).ToList()))
            .WithName("ListClumps").WithSummary("Groups of segments that are used together, heaviest first").WithDescription(Paging).Produces<Page<ClumpView>>().ProducesValidationProblem();
        patterns.MapGet("/chains", (int? segment, int? offset, int? limit, IPatternQueries queries, IHistoryReader history) => Paged(segment, offset, limit, history, queries.ChainViews))
            .WithName("ListChains").WithSummary("Segments that are used one after the other, two to four, most frequent first").WithDescription(Paging).Produces<Page<ChainView>>().ProducesValidationProblem();
        patterns.MapGet("/links", (int? segment, int? offset, int? limit, IPatternQueries queries, IHistoryReader history) => Paged(segment, offset, limit, history, queries.LinkViews))
            .WithName("ListLinks").WithSummary("Pairs of segments that are used together more often than by chance, heaviest first").WithDescription(Paging).Produces<Page<LinkView>>().ProducesValidationProblem();
        patterns.MapGet("/transitions", Transitions).WithName("ListTransitions").WithSummary("What comes after a segment on the same connection, most frequent first")
            .WithDescription("segment: needed. offset, limit: 100 where left out, 10000 at most.").Produces<Page<TransitionView>>().ProducesValidationProblem();
        patterns.MapGet("/hot-keys", (int? segment, int? offset, int? limit, IPatternQueries queries, IHistoryReader history) =>
                Paged(segment, offset, limit, history, s => queries.HotKeys(s, MaxLimit).Select(HotKeyView.Of).ToList()))
            .WithName("ListHotKeys").WithSummary("Keys that are used most, with the error bound of their counts").WithDescription(Paging).Produces<Page<HotKeyView>>().ProducesValidationProblem();
    }

    /// <summary>A hot key.</summary>
    /// <param name="Key">Its text, perhaps cut; null where only its hash is known.</param>
    /// <param name="Hash">XXH64 of the whole key, hexadecimal.</param>
    /// <param name="Least">Seen at least so often, decayed.</param>
    /// <param name="Most">Seen at most so often.</param>
    /// <param name="Share">Least share of its segment's accesses.</param>
    internal sealed record HotKeyView(int Segment, string? Key, string Hash, double Least, double Most, double Share)
    {
        /// <summary>As it is told.</summary>
        public static HotKeyView Of(Patterns.HeavyKey key) =>
            new(key.Segment, key.Key, key.Hash.ToString("x16", CultureInfo.InvariantCulture), key.Sure, key.Count, key.Share);
    }

    private static IResult Transitions(int? segment, int? offset, int? limit, IPatternQueries queries, IHistoryReader history)
    {
        var check = new RequestCheck();
        if (segment is null)
        {
            check.Add("segment", "It is needed.");
        }

        return check.Refusal ?? Paged(segment, offset, limit, history, s => queries.Transitions(s!.Value));
    }

    private static IResult Paged<T>(int? segment, int? offset, int? limit, IHistoryReader history, Func<int?, IReadOnlyList<T>> read)
    {
        var check = new RequestCheck();
        check.Number("segment", segment, 0, 0, Math.Max(0, history.SegmentCount - 1));
        var from = check.Number("offset", offset, 0, 0, int.MaxValue);
        var count = check.Number("limit", limit, 100, 1, MaxLimit);
        return check.Refusal ?? Results.Ok(Page<T>.Of(read(segment), from, count));
    }
}
