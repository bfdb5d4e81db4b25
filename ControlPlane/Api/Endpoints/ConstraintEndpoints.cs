using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>What operators forbid every plan to do. Each change is a version of the settings, which can be undone.</summary>
internal static class ConstraintEndpoints
{
    /// <summary>Maps GET, PUT and DELETE constraints.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var constraints = api.MapGroup("/constraints").WithTags("constraints");
        constraints.MapGet("", (ISettingsDesk desk) => desk.Current().Values.Constraints).WithName("ListConstraints").WithSummary("All constraints, in the order in which they were added");
        constraints.MapGet("/{name}", Get).WithName("GetConstraint").WithSummary("One constraint").Produces<ConstraintRule>().ProducesProblem(404);
        constraints.MapPut("/{name}", PutAsync).RequireAuthorization(Roles.Operator).WithName("SaveConstraint")
            .WithSummary("Adds or replaces a constraint: pins segments, excludes nodes, or keeps segments apart")
            .WithDescription("It holds at once: for the next plan, for what waits for approval (a plan that it forbids becomes stale), and in what-if replays. Moves that run go on.")
            .Produces<ConstraintRule>().ProducesValidationProblem().ProducesProblem(409);
        constraints.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Roles.Operator).WithName("RemoveConstraint").WithSummary("Removes a constraint").Produces<Outcome>().ProducesProblem(404);
    }

    private static IResult Get(string name, ISettingsDesk desk) =>
        desk.Current().Values.Constraints.FirstOrDefault(c => c.Name == name) is { } rule ? Results.Ok(rule) : NotFound(name);

    private static async Task<IResult> PutAsync(string name, ConstraintBody body, HttpContext http, ISettingsDesk desk, IClusterQueries queries, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        if (body.Kind is null)
        {
            check.Add("kind", "It is needed: pin, exclude or apart.");
        }

        var segments = queries.Map().SegmentCount;
        if (segments > 0 && (body.Segments ?? []).Where(s => s < 0 || s >= segments).Select(s => (int?)s).FirstOrDefault() is { } unknown)
        {
            check.Add("segments", $"{unknown} is no segment; they are 0..{segments - 1}.");
        }

        var names = queries.Nodes().Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        if ((body.Nodes ?? []).FirstOrDefault(n => !names.Contains(n)) is { } node)
        {
            check.Add("nodes", $"There is no node \"{node}\".");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var rule = new ConstraintRule(name, body.Kind!.Value, body.Enabled ?? true, body.Segments ?? [], body.Nodes ?? [], body.Why ?? "");
        if (ConstraintRules.Problem(rule) is { } problem)
        {
            return Refusals.Of(new Outcome("invalid", problem));
        }

        var view = desk.Current();
        var outcome = await desk.SaveAsync(view.Values with { Constraints = With(view.Values.Constraints, rule) }, view.Etag, Caller.ActorOf(http), rule.Why, cancellation);
        return outcome.Done ? Results.Ok(rule) : Refusals.Of(outcome);
    }

    private static async Task<IResult> DeleteAsync(string name, HttpContext http, ISettingsDesk desk, CancellationToken cancellation)
    {
        var view = desk.Current();
        if (view.Values.Constraints.All(c => c.Name != name))
        {
            return NotFound(name);
        }

        var left = view.Values with { Constraints = [.. view.Values.Constraints.Where(c => c.Name != name)] };
        var outcome = await desk.SaveAsync(left, view.Etag, Caller.ActorOf(http), "", cancellation);
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }

    private static IReadOnlyList<ConstraintRule> With(IReadOnlyList<ConstraintRule> all, ConstraintRule rule) =>
        all.Any(c => c.Name == rule.Name) ? [.. all.Select(c => c.Name == rule.Name ? rule : c)] : [.. all, rule];

    private static IResult NotFound(string name) => Refusals.NotFound($"There is no constraint \"{name}\".");
}
