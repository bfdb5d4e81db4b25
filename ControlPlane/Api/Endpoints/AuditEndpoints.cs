using System.Text;
using System.Text.Json;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Who changed what, and why.</summary>
internal static class AuditEndpoints
{
    private const string Name = "audit";
    private const string CsvHead = "id,at,by,action,subject,detail,plan,hash\n";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Maps GET audit, audit/export and audit/verify.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("audit");
        audit.MapGet("", ListAsync).WithName("ListAudit")
            .WithSummary("What was changed, the newest first").WithDescription($"who, what: exactly; plan: a hash or its beginning; from, to: real time. {Paging.Words} before: as older callers ask for the next page, with the answer's next.")
            .Produces<Page<AuditRow>>().ProducesValidationProblem();
        audit.MapGet("/export", Export).WithName("ExportAudit").WithSummary("All rows of a filter, the oldest first, as JSON lines or CSV")
            .WithDescription("format: ndjson or csv. The filter is that of the list.").Produces(200, contentType: "application/x-ndjson", additionalContentTypes: "text/csv").ProducesValidationProblem();
        audit.MapGet("/verify", (AuditTrail trail, CancellationToken cancellation) => trail.VerifyAsync(cancellation)).WithName("VerifyAudit")
            .WithSummary("Checks the chain of hashes over the whole trail");
    }

    private static async Task<IResult> ListAsync(
        long? before, int? limit, string? cursor, string? who, string? what, string? plan, string? from, string? to, HttpContext http, AuditTrail audit, ApiOptions options, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, Name, limit, cursor, null, options.PageRows, options.MaxPageRows);
        if (before is not null && cursor is not null)
        {
            check.Add("before", "It does not go with a cursor; leave one of them out.");
        }
        else if (before is < 1)
        {
            check.Add("before", $"{before} is below 1.");
        }

        var filter = Filter(who, what, plan, from, to, check);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        // One more than asked for tells whether there is a next page.
        var rows = await audit.ListAsync(filter, paging.After?.Order ?? before ?? 0, paging.Limit + 1, cancellation);
        var last = rows.Count > paging.Limit ? rows[paging.Limit - 1].Id : (long?)null;
        var next = last is { } id ? PageCursor.Of(Name, id, "") : null;
        Paging.Link(http, next);
        return Results.Ok(new Page<AuditRow>([.. rows.Take(paging.Limit)], last, null, next));
    }

    private static IResult Export(string? format, string? who, string? what, string? plan, string? from, string? to, AuditTrail audit)
    {
        var check = new RequestCheck();
        var csv = string.Equals(format, "csv", StringComparison.OrdinalIgnoreCase);
        if (!csv && format is not (null or "" or "ndjson"))
        {
            check.Add("format", $"\"{format}\" is none of ndjson, csv.");
        }

        var filter = Filter(who, what, plan, from, to, check);
        return check.Refusal ?? Results.Stream(
            async body =>
            {
                await using var writer = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
                await writer.WriteAsync(csv ? CsvHead : "");
                await foreach (var row in audit.ReadAsync(filter, CancellationToken.None))
                {
                    await writer.WriteAsync((csv ? AuditTrail.Csv(row) : JsonSerializer.Serialize(row, Json)) + "\n");
                }
            },
            csv ? "text/csv; charset=utf-8" : "application/x-ndjson", csv ? "audit.csv" : "audit.ndjson");
    }

    private static AuditFilter Filter(string? who, string? what, string? plan, string? from, string? to, RequestCheck check) => new(
        who, what, plan, string.IsNullOrEmpty(from) ? null : check.Time("from", from, default), string.IsNullOrEmpty(to) ? null : check.Time("to", to, default));
}
