using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>What takes long: forecasts, plans, replays, imports.</summary>
internal static class OperationEndpoints
{
    private const string Name = "operations";

    /// <summary>Maps operations.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("operations");
        operations.MapGet("", List).WithName("ListOperations").WithSummary("What takes long, and how far it is; the newest first").WithDescription(Paging.Words)
            .Produces<Page<OperationView>>().ProducesValidationProblem();
        operations.MapGet("/{id}", (string id, OperationDesk desk) => desk.Find(id) is { } found ? Results.Ok(found) : Missing(id)).WithName("GetOperation")
            .WithSummary("One operation: state, progress, and the path of its result when it is there").Produces<OperationView>().ProducesProblem(404);
        var change = operations.MapGroup("").RequireAuthorization(Roles.Operator);
        change.MapDelete("/{id}", CancelAsync).WithName("DeleteOperation").WithSummary("Cancels an operation that waits or runs").Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
        change.MapPost("/{id}/cancel", CancelAsync).WithName("CancelOperation").WithSummary("Cancels an operation that waits or runs, for callers that have no DELETE").Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult List(string? kind, int? limit, string? cursor, HttpContext http, OperationDesk desk, ApiOptions options)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, Name, limit, cursor, null, options.PageRows, options.MaxPageRows);
        if (kind is not (null or "" or "forecast" or "plan" or "what-if" or "import"))
        {
            check.Add("kind", $"\"{kind}\" is none of forecast, plan, what-if, import.");
        }

        return check.Refusal ?? Results.Ok(paging.Of(Name, desk.List().Where(o => string.IsNullOrEmpty(kind) || o.Kind == kind), o => o.At.UtcTicks, o => o.Id, http));
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, OperationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CancelAsync(id, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }

    private static IResult Missing(string id) => Refusals.NotFound($"There is no operation {id}; ended ones are forgotten after a while.");
}
