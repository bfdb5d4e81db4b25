using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Webhooks, for administrators. No answer is remembered under an idempotency key here: some carry a secret.</summary>
internal static class WebhookEndpoints
{
    private const string List = "deliveries";
    private const string Words = "events: plan-proposed, plan-stale, plan-approved, migration-failed, node-lost, skill-lost. form: json (where left out) or slack ({\"text\": …}). "
        + "Each delivery carries X-ShardConsole-Signature: t=<Unix seconds>,v1=<HMAC-SHA256 of \"t.body\" with the secret, hexadecimal>, and X-ShardConsole-Delivery, the same at each attempt. "
        + "Any 2xx takes it; else it is tried again with growing waits, 410 ends it. One webhook hears in order.";

    /// <summary>Maps webhooks and their deliveries.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/api/v1/webhooks").WithTags("webhooks").RequireAuthorization(Roles.Administrator).DisableAntiforgery();
        hooks.MapGet("", (IWebhookDesk desk, CancellationToken cancellation) => desk.ListAsync(cancellation)).WithName("ListWebhooks").WithSummary("All webhooks, without their secrets and the paths of their addresses");
        hooks.MapGet("/{id:long}", GetAsync).WithName("GetWebhook").WithSummary("One webhook").Produces<WebhookView>().ProducesProblem(404);
        hooks.MapPost("", AddAsync).WithName("AddWebhook").WithSummary("Adds a webhook; its secret is answered once").WithDescription(Words)
            .Produces<WebhookAdded>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409);
        hooks.MapPatch("/{id:long}", ChangeAsync).WithName("ChangeWebhook").WithSummary("Changes a webhook; what is left out stays").WithDescription(Words)
            .Produces<WebhookView>().ProducesValidationProblem().ProducesProblem(404);
        hooks.MapDelete("/{id:long}", async (long id, HttpContext http, IWebhookDesk desk, CancellationToken cancellation) => Answer(await desk.RemoveAsync(id, Caller.Of(http), cancellation)))
            .WithName("RemoveWebhook").WithSummary("Removes a webhook with its deliveries").Produces<Outcome>().ProducesProblem(404);
        hooks.MapPost("/{id:long}/secret", NewSecretAsync).WithName("NewWebhookSecret").WithSummary("Draws a new secret, in force at once; it is answered once").Produces<WebhookAdded>().ProducesProblem(404);
        hooks.MapPost("/{id:long}/test", TestAsync).WithName("TestWebhook").WithSummary("Sends a test now, once, and tells what the receiver answered").Produces<DeliveryView>().ProducesProblem(404);
        hooks.MapGet("/{id:long}/deliveries", DeliveriesAsync).WithName("ListWebhookDeliveries").WithSummary("Deliveries with their last status, the newest first").WithDescription(Paging.Words)
            .Produces<Page<DeliveryView>>().ProducesValidationProblem().ProducesProblem(404);
    }

    /// <summary>A webhook with its secret, which is answered this one time.</summary>
    internal sealed record WebhookAdded(WebhookView Webhook, string Secret);

    private static IResult Answer(Outcome outcome) => outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);

    private static async Task<WebhookView?> FindAsync(long id, IWebhookDesk desk, CancellationToken cancellation) => (await desk.ListAsync(cancellation)).FirstOrDefault(w => w.Id == id);

    private static IResult Missing(long id) => Refusals.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no webhook {id}."));

    private static async Task<IResult> GetAsync(long id, IWebhookDesk desk, CancellationToken cancellation) => await FindAsync(id, desk, cancellation) is { } found ? Results.Ok(found) : Missing(id);

    private static async Task<IResult> AddAsync(WebhookInput body, HttpContext http, IWebhookDesk desk, CancellationToken cancellation)
    {
        var problems = Webhooks.Core.WebhookCheck.Problems(body, isNew: true);
        if (problems.Count > 0)
        {
            return Refusals.Invalid(problems.ToDictionary());
        }

        var (outcome, webhook, secret) = await desk.AddAsync(body, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Created($"/api/v1/webhooks/{outcome.Id}", new WebhookAdded(webhook!, secret)) : Refusals.Of(outcome);
    }

    private static async Task<IResult> ChangeAsync(long id, WebhookInput body, HttpContext http, IWebhookDesk desk, CancellationToken cancellation)
    {
        var problems = Webhooks.Core.WebhookCheck.Problems(body, isNew: false);
        if (problems.Count > 0)
        {
            return Refusals.Invalid(problems.ToDictionary());
        }

        var outcome = await desk.ChangeAsync(id, body, Caller.Of(http), cancellation);
        return outcome.Done ? await GetAsync(id, desk, cancellation) : Refusals.Of(outcome);
    }

    private static async Task<IResult> NewSecretAsync(long id, HttpContext http, IWebhookDesk desk, CancellationToken cancellation)
    {
        var (outcome, webhook, secret) = await desk.NewSecretAsync(id, Caller.Of(http), cancellation);
        return outcome.Done && webhook is not null ? Results.Ok(new WebhookAdded(webhook, secret)) : Refusals.Of(outcome);
    }

    private static async Task<IResult> TestAsync(long id, HttpContext http, IWebhookDesk desk, CancellationToken cancellation)
    {
        var (outcome, delivery) = await desk.TestAsync(id, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Ok(delivery) : Refusals.Of(outcome);
    }

    private static async Task<IResult> DeliveriesAsync(long id, int? limit, string? cursor, HttpContext http, IWebhookDesk desk, ApiOptions options, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, List, limit, cursor, null, options.PageRows, options.MaxPageRows);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (await FindAsync(id, desk, cancellation) is null)
        {
            return Missing(id);
        }

        // One more than asked for tells whether there is a next page.
        var rows = await desk.DeliveriesAsync(id, paging.After?.Order ?? 0, paging.Limit + 1, cancellation);
        var next = rows.Count > paging.Limit ? PageCursor.Of(List, rows[paging.Limit - 1].Id, "") : null;
        Paging.Link(http, next);
        return Results.Ok(new Page<DeliveryView>([.. rows.Take(paging.Limit)], null, null, next));
    }
}
