using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Replay;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Imports of historical query logs. The upload is streamed; nothing of it is held in memory.</summary>
internal static class QueryLogEndpoints
{
    private const int MaxFileName = 255;
    private const int MaxBoundary = 128;

    /// <summary>Maps GET, POST and DELETE query-logs.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var logs = api.MapGroup("/query-logs").WithTags("query-logs");
        logs.MapGet("", List).WithName("ListQueryLogs").WithSummary("Imports with their progress and first rejected lines; the newest first")
            .WithDescription(Paging.Words).Produces<Page<ImportRow>>().ProducesValidationProblem();
        logs.MapGet("/{id:long}", Get).WithName("GetQueryLog").WithSummary("One import").Produces<ImportRow>().ProducesProblem(404);
        logs.MapPost("", UploadAsync).RequireAuthorization(Roles.Operator).WithName("ImportQueryLog").WithSummary("Takes a query log and queues its import")
            .WithDescription("CSV with timestamp,key,op (ISO 8601 or Unix time), plain or gzip: as a file of a multipart form, or as the whole body with ?fileName=. "
                + "shift: auto (by whole days, so that the log ends within the last day), none or endNow. amplify, writeShare, spread (seconds): as a replay with the same figures would send it. "
                + "overMeasured: the log stands also for times of which the cluster measured its own load.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(409).ProducesProblem(413);
        logs.MapDelete("/{id:long}", CancelAsync).RequireAuthorization(Roles.Operator).WithName("CancelQueryLog").WithSummary("Cancels an import that waits or runs; takes one that is done out of the history again")
            .Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult List(int? offset, int? limit, string? cursor, HttpContext http, IImportDesk desk, ApiOptions options)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, "query-logs", limit, cursor, offset, options.PageRows, options.MaxPageRows);
        return check.Refusal ?? Results.Ok(paging.Of("query-logs", desk.List(), i => i.Id, _ => "", http));
    }

    private static IResult Get(long id, IImportDesk desk) =>
        desk.List().FirstOrDefault(i => i.Id == id) is { } row ? Results.Ok(row) : Refusals.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no import {id}."));

    private static async Task<IResult> UploadAsync(
        string? fileName, string? shift, int? amplify, double? writeShare, double? spread, bool? overMeasured, HttpContext http, IImportDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var settings = new ImportSettings(check.Word("shift", shift, ImportShift.Auto), check.Number("amplify", amplify, 1, 1, 100_000), writeShare ?? 0, spread ?? 0, overMeasured ?? false);
        if (settings.WriteShare is not (>= 0 and <= 1))
        {
            check.Add("writeShare", $"{settings.WriteShare} is outside 0..1.");
        }

        if (settings.SpreadSeconds is not (>= 0 and <= AmplifiedLog.MaxSpreadSeconds))
        {
            check.Add("spread", $"{settings.SpreadSeconds} is outside 0..{AmplifiedLog.MaxSpreadSeconds} seconds.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // The desk stops at Import:MaxFileMegabytes while it reads.
        }

        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return await TakeAsync(fileName, http.Request.Body, "fileName", settings, http, desk, cancellation);
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary)
        {
            return Refusals.Invalid("file", "The multipart form names no boundary.");
        }

        try
        {
            var reader = new MultipartReader(boundary, http.Request.Body);
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                if (section.AsFileSection() is { FileStream: { } file } found)
                {
                    return await TakeAsync(fileName ?? found.FileName, file, "file", settings, http, desk, cancellation);
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException && !cancellation.IsCancellationRequested)
        {
            return Refusals.Invalid("file", $"The multipart form cannot be read: {e.Message}");
        }

        return Refusals.Invalid("file", "The multipart form holds no file.");
    }

    private static async Task<IResult> TakeAsync(string? fileName, Stream content, string field, ImportSettings settings, HttpContext http, IImportDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var name = check.Text(field, fileName, 1, MaxFileName);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var outcome = await desk.UploadAsync(name, content, settings, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Accepted($"/api/v1/query-logs/{outcome.Id}", outcome with { Operation = OperationDesk.PathOf($"{OperationDesk.Import}{outcome.Id}") })
            : outcome.Code == "invalid" ? Refusals.Invalid(field, outcome.Detail)
            : Refusals.Of(outcome);
    }

    private static async Task<IResult> CancelAsync(long id, HttpContext http, IImportDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CancelAsync(id, Caller.Of(http), cancellation);
        outcome = outcome.Code == "conflict" ? await desk.TakeBackAsync(id, Caller.Of(http), cancellation) : outcome;
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }
}
