using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Whether every copy is the same: comparisons of replicas, what differed and was repaired, orphans.</summary>
internal static class IntegrityEndpoints
{
    private const int MaxReason = 1000;

    /// <summary>Maps integrity.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var read = api.MapGroup("/integrity").WithTags("integrity");
        var change = api.MapGroup("/integrity").WithTags("integrity");
        read.MapGet("", (IIntegrityQueries queries) => queries.Integrity()).WithName("GetIntegrity")
            .WithSummary("Last and next comparison of each shard, what differed and was repaired, orphans, maps that differ");
        read.MapGet("/comparisons", List).WithName("ListComparisons").WithSummary("Comparisons that have ended, the newest first")
            .WithDescription("shard: only of this shard. As far back as this control plane has looked, 500 at most.").Produces<Page<ComparisonRow>>().ProducesValidationProblem();
        change.MapPost("/comparisons", CompareAsync).RequireAuthorization(Roles.Operator).WithName("CompareReplicas").WithSummary("Compares the replicas of a shard, or of all, now")
            .WithDescription("No data are read where digests agree. The answer's id names the shards; GET /integrity says when they are done.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(503);
        change.MapPost("/orphans/{id}/drop", DropAsync).RequireAuthorization(Roles.Administrator).WithName("DropOrphan").WithSummary("Drops the copy of an orphan segment; nothing undoes it")
            .WithDescription("The group asks the meta group once more, and drops only what is Importing or Retained and no migration explains.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(409).ProducesProblem(503);
    }

    private static IResult List(string? shard, int? offset, int? limit, IIntegrityQueries queries, ApiOptions options)
    {
        var check = new RequestCheck();
        var from = check.Number("offset", offset, 0, 0, 1_000_000);
        var count = check.Number("limit", limit, options.PageRows, 1, options.MaxPageRows);
        var only = Shard(shard, check);
        return check.Refusal ?? Results.Ok(Page<ComparisonRow>.Of([.. queries.Comparisons().Where(c => only is null || c.Shard == only)], from, count));
    }

    private static async Task<IResult> CompareAsync(CompareBody body, HttpContext http, IIntegrityQueries queries, IIntegrityDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 0, MaxReason);
        var shard = Shard(body.Shard, check);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (shard is { } one && queries.Integrity().Shards.All(s => s.Shard != one))
        {
            return Refusals.NotFound($"There is no shard {one}; GET /shards lists them.");
        }

        var outcome = await desk.CompareAsync(shard, Caller.Of(http), reason, cancellation);
        return outcome.Done ? Results.Accepted("/api/v1/integrity", outcome) : Refusals.Of(outcome);
    }

    private static async Task<IResult> DropAsync(string id, ReasonBody body, HttpContext http, IIntegrityDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        if (!ushort.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var segment))
        {
            check.Add("id", $"\"{id}\" is no segment; use a whole number.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var outcome = await desk.DropOrphanAsync(new SegmentId(segment), Caller.Of(http), reason, cancellation);
        return outcome.Done ? Results.Accepted("/api/v1/integrity", outcome) : Refusals.Of(outcome);
    }

    private static ShardId? Shard(string? text, RequestCheck check)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (ShardId.TryParse(text, out var shard))
        {
            return shard;
        }

        check.Add("shard", $"\"{text}\" is no shard; write s-07 or 7.");
        return null;
    }
}
