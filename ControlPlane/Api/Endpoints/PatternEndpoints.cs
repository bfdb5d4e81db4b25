using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>How segments are used together, and their hot keys.</summary>
internal static class PatternEndpoints
{
    private const int MaxLimit = 10_000;
    private const string Words = $"segment: only what concerns it. limit: 100 where left out, 10000 at most. {Paging.Words} The order is by weight, so that a row can move between two pages.";

    /// <summary>Maps GET patterns and what is below it.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var patterns = api.MapGroup("/patterns").WithTags("patterns");
        patterns.MapGet("", (IPatternQueries queries) => queries.Summary()).WithName("GetPatterns").WithSummary("What is known of access patterns: how much was seen, what was found");
        patterns.MapGet("/clumps", (int? segment, int? offset, int? limit, string? cursor, HttpContext http, IPatternQueries queries, IHistoryReader history) =>
                Paged(segment, offset, limit, cursor, http, history, s => queries.ClumpViews().Where(c => s is not { } one || c.Segments.Any(m => m.Value == one)).ToList()))
            .WithName("ListClumps").WithSummary("Groups of segments that are used together, heaviest first").WithDescription(Words).Produces<Page<ClumpView>>().ProducesValidationProblem();
        patterns.MapGet("/chains", (int? segment, int? offset, int? limit, string? cursor, HttpContext http, IPatternQueries queries, IHistoryReader history) => Paged(segment, offset, limit, cursor, http, history, queries.ChainViews))
            .WithName("ListChains").WithSummary("Segments that are used one after the other, two to four, most frequent first").WithDescription(Words).Produces<Page<ChainView>>().ProducesValidationProblem();
        patterns.MapGet("/links", (int? segment, int? offset, int? limit, string? cursor, HttpContext http, IPatternQueries queries, IHistoryReader history) => Paged(segment, offset, limit, cursor, http, history, queries.LinkViews))
            .WithName("ListLinks").WithSummary("Pairs of segments that are used together more often than by chance, heaviest first").WithDescription(Words).Produces<Page<LinkView>>().ProducesValidationProblem();
        patterns.MapGet("/seasons", SeasonsAsync).WithName("GetSeasons").WithSummary("How the request rate depends on the hour of the day and on the day of the week, over the last four weeks")
            .WithDescription("zone: IANA name of the zone of the hours; UTC where left out.").Produces<SeasonView>().ProducesValidationProblem();
        patterns.MapGet("/transitions", Transitions).WithName("ListTransitions").WithSummary("What comes after a segment on the same connection, most frequent first")
            .WithDescription($"segment: needed. limit: 100 where left out, 10000 at most. {Paging.Words}").Produces<Page<TransitionView>>().ProducesValidationProblem();
        patterns.MapGet("/hot-keys", (int? segment, int? offset, int? limit, string? cursor, HttpContext http, IPatternQueries queries, IHistoryReader history) =>
                Paged(segment, offset, limit, cursor, http, history, s => queries.HotKeys(s, MaxLimit).Select(HotKeyView.Of).ToList()))
            .WithName("ListHotKeys").WithSummary("Keys that are used most, with the error bound of their counts").WithDescription(Words).Produces<Page<HotKeyView>>().ProducesValidationProblem();
    }

    /// <summary>Seasons of the request rate.</summary>
    /// <param name="Zone">Zone of the hours.</param>
    /// <param name="Days">Days that were measured.</param>
    /// <param name="HourOfWeek">Mean requests a second, 168 values from Monday 00:00; null where nothing was measured.</param>
    /// <param name="Daily">Share of the variance that the hour of the day explains, 0..1; null with less than two days.</param>
    /// <param name="Weekly">Share that the day of the week explains beyond that; null with less than two weeks.</param>
    internal sealed record SeasonView(string Zone, double Days, IReadOnlyList<double> HourOfWeek, double Daily, double Weekly);

    private static async Task<IResult> SeasonsAsync(string? zone, ISeasonQueries seasons, IClusterQueries queries, CancellationToken cancellation)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone ?? "UTC", out var found))
        {
            return Refusals.Invalid("zone", $"\"{zone}\" is no time zone; use an IANA name such as Europe/Berlin.");
        }

        var profile = await seasons.SeasonsAsync(queries.Summary().Now, found, cancellation);
        return Results.Ok(new SeasonView(found.Id, profile.Days, profile.HourOfWeek, profile.Daily, profile.Weekly));
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

    private static IResult Transitions(int? segment, int? offset, int? limit, string? cursor, HttpContext http, IPatternQueries queries, IHistoryReader history)
    {
        var check = new RequestCheck();
        if (segment is null)
        {
            check.Add("segment", "It is needed.");
        }

        return check.Refusal ?? Paged(segment, offset, limit, cursor, http, history, s => queries.Transitions(s!.Value));
    }

    private static IResult Paged<T>(int? segment, int? offset, int? limit, string? cursor, HttpContext http, IHistoryReader history, Func<int?, IReadOnlyList<T>> read)
    {
        var check = new RequestCheck();
        check.Number("segment", segment, 0, 0, Math.Max(0, history.SegmentCount - 1));
        var paging = Paging.ReadByPlace(check, limit, cursor, offset, 100, MaxLimit);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var page = Page<T>.Of(read(segment), paging.Offset, paging.Limit);
        Paging.Link(http, page.Cursor);
        return Results.Ok(page);
    }
}
