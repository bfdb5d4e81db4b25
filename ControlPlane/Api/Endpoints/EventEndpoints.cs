using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>The calendar of events and the proposals for it.</summary>
internal static class EventEndpoints
{
    private const string Words = "rule: \"once 2026-03-01 18:00\", \"daily 09:00\", \"weekly friday 18:00\", \"monthly 1 00:00\" or \"monthly last 20:00\", in the zone's local time (UTC where left out). "
        + "scope: \"all\" (where left out), \"segments 3,7-9\" or \"keys {sale}*\". factor: what the load is multiplied by, 0.01 to 100; left out, it is learnt from the occurrences.";

    /// <summary>Maps events and their proposals.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("events");
        events.MapGet("", async (int? limit, string? cursor, HttpContext http, IEventDesk desk, IClusterQueries queries, CancellationToken cancellation) =>
                Paging.Rows("events", await desk.ListAsync(queries.Summary().Now, cancellation), e => -e.Id, _ => "", limit, cursor, http))
            .WithName("ListEvents").WithSummary("The calendar: all events with their next occurrences and the factor in force").WithDescription(Paging.ArrayWords)
            .Produces<IReadOnlyList<EventView>>().ProducesValidationProblem();
        events.MapGet("/{id:long}", GetAsync).WithName("GetEvent").WithSummary("One event").Produces<EventView>().ProducesProblem(404);
        events.MapPost("", AddAsync).RequireAuthorization(Roles.Operator).WithName("AddEvent").WithSummary("Adds an event to the calendar").WithDescription(Words)
            .Produces<Outcome>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409);
        events.MapPut("/{id:long}", ChangeAsync).RequireAuthorization(Roles.Operator).WithName("ChangeEvent").WithSummary("Replaces what an event is").WithDescription(Words)
            .Produces<Outcome>().ProducesValidationProblem().ProducesProblem(404);
        events.MapDelete("/{id:long}", async (long id, HttpContext http, IEventDesk desk, CancellationToken cancellation) => Answer(await desk.RemoveAsync(id, Caller.Of(http), cancellation)))
            .RequireAuthorization(Roles.Operator).WithName("RemoveEvent").WithSummary("Removes an event").Produces<Outcome>().ProducesProblem(404);
        events.MapGet("/proposals", async (int? limit, string? cursor, HttpContext http, IEventDesk desk, CancellationToken cancellation) =>
                Paging.Rows("proposals", await desk.ProposalsAsync(cancellation), p => p.Id, _ => "", limit, cursor, http))
            .WithName("ListEventProposals").WithSummary("Recurring spikes that were found, the newest first").WithDescription(Paging.ArrayWords)
            .Produces<IReadOnlyList<EventProposalView>>().ProducesValidationProblem();
        events.MapPost("/proposals/{id:long}/accept", async (long id, HttpContext http, IEventDesk desk, CancellationToken cancellation) => Answer(await desk.AcceptAsync(id, Caller.Of(http), cancellation)))
            .RequireAuthorization(Roles.Operator).WithName("AcceptEventProposal").WithSummary("Takes a proposal into the calendar").Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
        events.MapPost("/proposals/{id:long}/dismiss", async (long id, HttpContext http, IEventDesk desk, CancellationToken cancellation) => Answer(await desk.DismissAsync(id, Caller.Of(http), cancellation)))
            .RequireAuthorization(Roles.Operator).WithName("DismissEventProposal").WithSummary("Dismisses a proposal; it is not made again").Produces<Outcome>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult Answer(Outcome outcome) => outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);

    private static async Task<IResult> GetAsync(long id, IEventDesk desk, IClusterQueries queries, CancellationToken cancellation) =>
        (await desk.ListAsync(queries.Summary().Now, cancellation)).FirstOrDefault(e => e.Id == id) is { } found
            ? Results.Ok(found) : Refusals.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no event {id}."));

    private static async Task<IResult> AddAsync(EventBody body, HttpContext http, IEventDesk desk, CancellationToken cancellation)
    {
        var (input, refusal) = Read(body);
        if (input is null)
        {
            return refusal!;
        }

        var outcome = await desk.AddAsync(input, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Created($"/api/v1/events/{outcome.Id}", outcome) : Refusals.Of(outcome);
    }

    private static async Task<IResult> ChangeAsync(long id, EventBody body, HttpContext http, IEventDesk desk, CancellationToken cancellation)
    {
        var (input, refusal) = Read(body);
        return input is null ? refusal! : Answer(await desk.ChangeAsync(id, input, Caller.Of(http), cancellation));
    }

    private static (EventInput? Input, IResult? Refusal) Read(EventBody body)
    {
        var check = new RequestCheck();
        var name = check.Text("name", body.Name, 1, 100);
        var rule = check.Text("rule", body.Rule, 1, 100);
        if (body.Minutes is null)
        {
            check.Add("minutes", "It is needed.");
        }

        if (check.Refusal is { } refusal)
        {
            return (null, refusal);
        }

        // A null that is written out is read as "no number".
        double? factor = body.Factor is { } given && !double.IsNaN(given) ? given : null;
        return (new EventInput(name, rule, body.Minutes!.Value, body.Zone ?? "UTC", body.Scope ?? "all", factor), null);
    }
}
