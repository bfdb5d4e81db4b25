using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary><c>GET /api/v1/heatmap</c>: a view as the binary frame, or as JSON where the caller does not ask for the binary form.</summary>
internal static class HeatmapEndpoint
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/api/v1/heatmap";

    private const int DefaultRows = 512;

    /// <summary>Adds the endpoint. Callers need the policy "viewer".</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, GetAsync).RequireAuthorization("viewer").WithName("GetHeatmap").WithTags("load")
            .WithSummary("Load of all segments over time, measured and forecast.")
            .WithDescription("Parameters are those of the console's heatmap page: range, ahead, metric, mode, lead, rows, order, node, shard, t0, t1, s0, s1, plan; height is the largest number of rows. "
                + "after: the id (16 hexadecimal digits, bytes 52 to 59 of the header) of the binary frame that the caller holds; the answer may then hold only the columns that changed (kind 3).")
            .Produces(StatusCodes.Status200OK, contentType: "application/json", additionalContentTypes: HeatmapFrameWriter.MediaType)
            .Produces(StatusCodes.Status304NotModified).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult, ValidationProblem, ProblemHttpResult>> GetAsync(
        HttpContext context, HeatmapSource source, CancellationToken cancellation)
    {
        var query = context.Request.Query;
        var (view, parameter, error) = HeatmapView.Parse(name => query[name]);
        if (view is null)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { [parameter!] = [error!] });
        }

        var height = DefaultRows;
        if (query.TryGetValue("height", out var text) && (!int.TryParse(text, out height) || height is < 1 or > HeatmapInput.MaxHeight))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["height"] = [$"height={text} is not a whole number from 1 to {HeatmapInput.MaxHeight}."] });
        }

        ulong? after = null;
        if (query.TryGetValue("after", out var held) && held.ToString().Length > 0)
        {
            if (!ulong.TryParse(held, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id))
            {
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["after"] = [$"after={held} is no frame id; leave it out for a whole frame."] });
            }

            after = id;
        }

        var binary = context.Request.Headers.Accept.ToString().Contains(HeatmapFrameWriter.MediaType, StringComparison.OrdinalIgnoreCase);
        var tag = $"W/\"{source.Tag(view, height)}{(binary ? "b" : "j")}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var (frame, outcome) = await source.ReadAsync(view, height, cancellation);
        if (frame is null)
        {
            context.Response.Headers.Remove("ETag");
            return TypedResults.Problem(outcome.Detail, statusCode: outcome.Code == "not-found" ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable, title: "No heatmap");
        }

        if (!binary)
        {
            return TypedResults.Bytes(Compress(context, HeatmapFrameWriter.WriteJson(frame)), "application/json");
        }

        source.Remember(frame);
        var body = after is { } before && source.Since(before, frame) is { } delta ? HeatmapFrameWriter.Write(delta) : HeatmapFrameWriter.Write(frame);
        return TypedResults.Bytes(Compress(context, body), HeatmapFrameWriter.MediaType);
    }

    private static byte[] Compress(HttpContext context, byte[] body)
    {
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            return body;
        }

        context.Response.Headers.ContentEncoding = "br";
        using var output = new MemoryStream(body.Length / 2);
        using (var brotli = new BrotliStream(output, CompressionLevel.Fastest))
        {
            brotli.Write(body);
        }

        return output.ToArray();
    }
}
