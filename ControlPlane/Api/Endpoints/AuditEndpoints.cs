using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Who changed what, and why.</summary>
internal static class AuditEndpoints
{
    /// <summary>Maps GET audit.</summary>
    public static void Map(RouteGroupBuilder api) => api.MapGet("/audit", ListAsync).WithTags("audit").WithName("ListAudit")
        .WithSummary("What was changed, the newest first").WithDescription("before: the answer's next, for the page after it.").Produces<Page<AuditRow>>().ProducesValidationProblem();

    private static async Task<IResult> ListAsync(long? before, int? limit, AuditTrail audit, ApiOptions options, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var count = check.Number("limit", limit, options.PageRows, 1, options.MaxPageRows);
        if (before is < 1)
        {
            check.Add("before", $"{before} is below 1.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var rows = await audit.ListAsync(before ?? 0, count, cancellation);
        return Results.Ok(new Page<AuditRow>(rows, rows.Count == count && rows[^1].Id > 1 ? rows[^1].Id : null, null));
    }
}
