using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>What the cluster is and how it stands. Everything here is for viewers.</summary>
internal static class ClusterEndpoints
{
    private const int MaxSearch = 200;

    /// <summary>Maps GET cluster, overview, map, nodes, shards, segments and search.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/cluster", (IClusterQueries queries) => queries.Summary()).WithTags("cluster").WithName("GetCluster")
            .WithSummary("The cluster at a glance: epoch, halt, limits, moves, plans that wait, model time");
        api.MapGet("/overview", (IClusterQueries queries, CancellationToken cancellation) => queries.OverviewAsync(cancellation)).WithTags("cluster").WithName("GetOverview")
            .WithSummary("The figures of the console's overview: balance, peaks, load with its forecast, what waits for a person");
        api.MapGet("/map", GetMap).WithTags("cluster").WithName("GetMap").WithSummary("The shard map in force")
            .WithDescription("The ETag changes with the epoch and the digest; with If-None-Match an unchanged map is answered 304.")
            .Produces<ShardMap>().Produces(StatusCodes.Status304NotModified);
        api.MapGet("/nodes", (IClusterQueries queries) => queries.Nodes()).WithTags("cluster").WithName("ListNodes")
            .WithSummary("All nodes with their state, use, comfort zones and predicted peaks");
        api.MapGet("/shards", (IClusterQueries queries) => queries.Shards()).WithTags("cluster").WithName("ListShards")
            .WithSummary("All shards with their replicas, load scores and when they cross the threshold");
        api.MapGet("/segments", ListSegments).WithTags("segments").WithName("ListSegments").WithSummary("Segments with their owners, load and scores, page by page").WithDescription(Paging.Words)
            .Produces<Page<SegmentRow>>().ProducesValidationProblem();
        api.MapGet("/segments/{id}", GetSegmentAsync).WithTags("segments").WithName("GetSegment")
            .WithSummary("One segment with its last day, its forecast and its hot keys").Produces<SegmentDetail>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/segments/{id}/score", GetScore).WithTags("segments").WithName("GetSegmentScore")
            .WithSummary("What a segment's load score is made of: operations and their prices, the peak that is forecast, whether measured load overrules it")
            .Produces<ScoreBreakdown>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/search", SearchAsync).WithTags("cluster").WithName("Search")
            .WithSummary("Finds the slot, segment and shard of a key; slots, segments, shards, nodes and plans by name").Produces<IReadOnlyList<SearchHit>>().ProducesValidationProblem();
    }

    private static IResult GetMap(HttpContext http, IClusterQueries queries)
    {
        var map = queries.Map();
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{map.Epoch}-{map.Digest():x16}\"");
        http.Response.Headers.ETag = etag;
        http.Response.Headers.CacheControl = "private, no-cache";
        return EntityTag.Names(http.Request.Headers.IfNoneMatch, etag) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Ok(map);
    }

    private static IResult ListSegments(string? shard, int? offset, int? limit, string? cursor, HttpContext http, ISegmentList segments, ApiOptions options)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, "segments", limit, cursor, offset, options.PageRows, options.MaxPageRows);
        var only = default(ShardId);
        if (shard is not null && !ShardId.TryParse(shard, out only))
        {
            check.Add("shard", $"\"{shard}\" is no shard; write s-07 or 7.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        // By number, ascending: the page takes the largest order first.
        return Results.Ok(paging.Of("segments", segments.Segments().Where(s => shard is null || s.Shard == only), s => -(long)s.Id.Value, _ => "", http));
    }

    private static async Task<IResult> GetSegmentAsync(string id, IClusterQueries queries, CancellationToken cancellation)
    {
        if (!ushort.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return Refusals.Invalid("id", $"\"{id}\" is no segment; use a whole number.");
        }

        return await queries.SegmentAsync(new SegmentId(number), cancellation) is { } segment
            ? Results.Ok(segment)
            : Refusals.NotFound($"There is no segment {number}; the cluster has {queries.Map().SegmentCount}.");
    }

    private static IResult GetScore(string id, IScoreQueries scores)
    {
        if (!ushort.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return Refusals.Invalid("id", $"\"{id}\" is no segment; use a whole number.");
        }

        return scores.Breakdown(new SegmentId(number)) is { } breakdown
            ? Results.Ok(breakdown)
            : Refusals.NotFound($"There is no score of a segment {number}: the cluster has no such segment, or was not measured yet.");
    }

    private static async Task<IResult> SearchAsync(string? q, IClusterQueries queries, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var text = check.Text("q", q, 1, MaxSearch);
        return check.Refusal ?? Results.Ok(await queries.SearchAsync(text, cancellation));
    }
}
