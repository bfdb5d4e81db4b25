using Microsoft.AspNetCore.Mvc;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Plans: looking at them, making one, deciding on one. A decision names the plan by its hash, and with If-Match the state that was looked at.</summary>
internal static class PlanEndpoints
{
    private const int MaxReason = 1000;
    private const string MatchNote = "If-Match with the ETag of the plan refuses the decision with 412 when the plan has changed since it was looked at.";

    /// <summary>Maps GET and POST plans, GET plans/{id}, POST approve, schedule, unschedule, reject.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var plans = api.MapGroup("/plans").WithTags("plans");
        plans.MapGet("", ListAsync).WithName("ListPlans").WithSummary("Plans, the newest first")
            .WithDescription("state: one of the states (proposed, approved, scheduled, running, done, rejected, stale, expired, halted, failed, nothingToDo), or waiting, going, past. " + Paging.Words)
            .Produces<Page<PlanSummary>>().ProducesValidationProblem();
        plans.MapGet("/{id}", GetAsync).WithName("GetPlan").WithSummary("A whole plan: moves with reasons, refusals, effects, its life so far")
            .WithDescription("id: the hash, or an unambiguous beginning of at least four digits. The answer carries an ETag.").Produces<PlanDetail>().ProducesProblem(404);
        var change = plans.MapGroup("").RequireAuthorization(Roles.Operator);
        change.MapPost("", MakeAsync).WithName("MakePlan").WithSummary("Makes a plan now; the answer's id names it, or the entry that says why there is nothing to do")
            .WithDescription(AsyncAnswer.Words).Produces<Outcome>(StatusCodes.Status201Created).Produces<OperationView>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(503);
        Decision(change.MapPost("/{id}/approve", ApproveAsync), "ApprovePlan", "Approves this plan; it starts at once, or at startAt");
        Decision(change.MapPost("/{id}/schedule", ScheduleAsync), "SchedulePlan", "Approves this plan for a later moment");
        Decision(change.MapPost("/{id}/unschedule", UnscheduleAsync), "UnschedulePlan", "Takes a scheduled plan off the schedule; it is proposed again");
        Decision(change.MapPost("/{id}/reject", RejectAsync), "RejectPlan", "Rejects this plan and says why");
        change.MapPost("/{id}/edit", EditAsync).WithName("EditPlan").WithSummary("Makes a new plan without some of the moves, simulated at once; it takes this one's place")
            .WithDescription(MatchNote).Produces<Outcome>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(503);
        change.MapPost("/{id}/refresh", RefreshAsync).WithName("RefreshPlan").WithSummary("Makes a new plan for the same segments from what is known now")
            .Produces<Outcome>(StatusCodes.Status201Created).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        change.MapPost("/{id}/undo", UndoAsync).WithName("UndoPlan").WithSummary("Proposes a plan that takes back what an ended plan has moved")
            .WithDescription("Only segments that still are where it moved them. It is approved as any plan is.").Produces<Outcome>(StatusCodes.Status201Created).ProducesProblem(404).ProducesProblem(409);
    }

    private static void Decision(RouteHandlerBuilder route, string name, string summary) => route.WithName(name).WithSummary(summary).WithDescription(MatchNote)
        .Produces<Outcome>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);

    private static async Task<IResult> ListAsync(string? state, int? offset, int? limit, string? cursor, HttpContext http, IPlanDesk desk, ApiOptions options, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, "plans", limit, cursor, offset, options.PageRows, options.MaxPageRows);
        var wanted = StatesOf(state, check);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var all = await desk.ListAsync(cancellation);
        return Results.Ok(paging.Of("plans", all.Where(p => wanted(p.State)), p => p.MadeAt.UtcTicks, p => p.Id, http));
    }

    private static Func<PlanState, bool> StatesOf(string? state, RequestCheck check)
    {
        switch (state?.ToLowerInvariant())
        {
            case null or "" or "all":
                return _ => true;
            case "waiting":
                return s => s == PlanState.Proposed;
            case "going":
                return s => s is PlanState.Approved or PlanState.Scheduled or PlanState.Running;
            case "past":
                return s => s is not (PlanState.Proposed or PlanState.Approved or PlanState.Scheduled or PlanState.Running);
            default:
                var one = check.Word("state", state, PlanState.Proposed);
                return s => s == one;
        }
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IPlanDesk desk, CancellationToken cancellation)
    {
        if (await desk.FindAsync(id, cancellation) is not { } plan)
        {
            return Refusals.NotFound($"There is no plan {id}, or more than one begins so.");
        }

        http.Response.Headers.ETag = plan.Etag;
        http.Response.Headers.CacheControl = "private, no-cache";
        return EntityTag.Names(http.Request.Headers.IfNoneMatch, plan.Etag) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Ok(plan);
    }

    private static async Task<IResult> MakeAsync([FromBody] MakePlanBody? body, HttpContext http, IPlanDesk desk, OperationDesk operations, CancellationToken cancellation)
    {
        var wrong = body?.Segments?.Where(s => s is < 0 or >= Slot.Count).ToList() ?? [];
        if (wrong.Count > 0)
        {
            return Refusals.Invalid("segments", $"{wrong[0]} is no segment.");
        }

        if (body?.Segments is { Count: 0 or > Slot.Count })
        {
            return Refusals.Invalid("segments", "Name at least one segment, or leave it out for all.");
        }

        var (by, only) = (Caller.ActorOf(http), body?.Segments?.Distinct().Select(s => new SegmentId((ushort)s)).ToList());
        if (AsyncAnswer.IsAskedFor(http))
        {
            return AsyncAnswer.Of(http, operations.Begin("plan", only is null ? "A plan" : $"A plan for {only.Count} segments", by.Name, async stop =>
            {
                var made = await desk.MakeAsync(by, only, stop);
                return made.Done ? made with { Id = $"/api/v1/plans/{made.Id}" } : made;
            }));
        }

        return Made(await desk.MakeAsync(by, only, cancellation));
    }

    private static async Task<IResult> ApproveAsync(
        string id, [FromBody] ApproveBody? body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, IPlanDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body?.Reason, 0, MaxReason);
        return check.Refusal ?? Answer(await desk.ApproveAsync(id, EntityTag.Quoted(ifMatch), body?.StartAt, Caller.ActorOf(http), reason, cancellation));
    }

    private static async Task<IResult> ScheduleAsync(
        string id, ScheduleBody body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, IPlanBench bench, IClusterQueries queries, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 0, MaxReason);
        var when = check.Word("when", body.When, PlanTiming.At);
        var now = queries.Summary().Now;
        if (when != PlanTiming.At)
        {
            return check.Refusal ?? Answer(await bench.ScheduleAsync(id, EntityTag.Quoted(ifMatch), when, null, Caller.ActorOf(http), reason, cancellation));
        }

        if (body.StartAt is not { } at)
        {
            check.Add("startAt", "A moment in model time is needed.");
        }
        else if (at <= now)
        {
            check.Add("startAt", $"{at:O} is not after now ({now:O}, model time); approve the plan to start it at once.");
        }

        return check.Refusal ?? Answer(await bench.ScheduleAsync(id, EntityTag.Quoted(ifMatch), when, body.StartAt, Caller.ActorOf(http), reason, cancellation));
    }

    private static async Task<IResult> EditAsync(
        string id, EditPlanBody body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, IPlanBench bench, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 0, MaxReason);
        return check.Refusal ?? Made(await bench.EditAsync(id, EntityTag.Quoted(ifMatch), body.Drop ?? [], body.Keep ?? [], Caller.ActorOf(http), reason, cancellation));
    }

    private static async Task<IResult> RefreshAsync(string id, HttpContext http, IPlanBench bench, CancellationToken cancellation) =>
        Made(await bench.RefreshAsync(id, Caller.ActorOf(http), cancellation));

    private static async Task<IResult> UndoAsync(string id, HttpContext http, IPlanBench bench, CancellationToken cancellation) =>
        Made(await bench.UndoAsync(id, Caller.ActorOf(http), cancellation));

    private static IResult Made(Outcome outcome) => outcome.Done ? Results.Created($"/api/v1/plans/{outcome.Id}", outcome) : Refusals.Of(outcome);

    private static async Task<IResult> UnscheduleAsync(
        string id, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, IPlanDesk desk, CancellationToken cancellation)
    {
        var seen = EntityTag.Quoted(ifMatch);
        if (seen is not null && await desk.FindAsync(id, cancellation) is { } plan && !EntityTag.Names(seen, plan.Etag))
        {
            return Refusals.Of(new Outcome("changed", $"Plan {plan.Summary.Id[..4]} has changed since it was looked at ({plan.Summary.State}). Look at it again."));
        }

        return Answer(await desk.UnscheduleAsync(id, Caller.Of(http), cancellation));
    }

    private static async Task<IResult> RejectAsync(
        string id, ReasonBody body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, IPlanDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        return check.Refusal ?? Answer(await desk.RejectAsync(id, EntityTag.Quoted(ifMatch), Caller.Of(http), reason, cancellation));
    }

    private static IResult Answer(Outcome outcome) => outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
}
