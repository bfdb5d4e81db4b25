using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Replays of the cluster's history under a change: an operation that is started, followed and cancelled. Nothing of the cluster is touched.</summary>
internal static class WhatIfEndpoints
{
    /// <summary>Maps GET, POST and DELETE what-if.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/what-if").WithTags("what-if");
        runs.MapGet("", List).WithName("ListWhatIf").WithSummary("Replays that are kept, the newest first, without their curves")
            .WithDescription(Paging.Words).Produces<Page<WhatIfRun>>().ProducesValidationProblem();
        runs.MapGet("/{id}", Get).WithName("GetWhatIf").WithSummary("A replay: its progress, and its result when it is done").Produces<WhatIfRun>().ProducesProblem(404);
        runs.MapPost("", Start).RequireAuthorization(Roles.Operator).WithName("StartWhatIf").WithSummary("Replays the last days of the cluster's own history under a change")
            .WithDescription("Compares no move, reactive and plan by forecast (and on request the moves of a plan, or perfect foresight). What is left out of the change stays as it is now. "
                + "The answer's Location is the replay, and its operation is the same under /operations: ask either until its state is done.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(409);
        runs.MapDelete("/{id}", Cancel).RequireAuthorization(Roles.Operator).WithName("CancelWhatIf").WithSummary("Cancels a replay that waits or runs")
            .Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult List(int? offset, int? limit, string? cursor, HttpContext http, IWhatIfDesk desk, ApiOptions options)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, "what-if", limit, cursor, offset, options.PageRows, options.MaxPageRows);
        return check.Refusal ?? Results.Ok(paging.Of(
            "what-if", desk.List().Select(r => r with { Columns = [.. r.Columns.Select(c => c with { Starts = [], Utilisation = [] })] }), r => r.AskedAt.UtcTicks, r => r.Id, http));
    }

    private static IResult Get(string id, IWhatIfDesk desk) =>
        desk.Find(id) is { } run ? Results.Ok(run) : Refusals.NotFound($"There is no replay {id}; only the newest are kept.");

    private static IResult Start(WhatIfBody body, HttpContext http, IWhatIfDesk desk)
    {
        var outcome = desk.Start(body.Change(), Caller.ActorOf(http));
        return outcome.Done ? Results.Accepted($"/api/v1/what-if/{outcome.Id}", outcome with { Operation = OperationDesk.PathOf($"{OperationDesk.WhatIf}{outcome.Id}") }) : Refusals.Of(outcome);
    }

    private static IResult Cancel(string id, IWhatIfDesk desk)
    {
        var outcome = desk.Cancel(id);
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }
}
