using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Policies that approve plans by themselves.</summary>
internal static class PolicyEndpoints
{
    /// <summary>Maps GET and PUT policies.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/policies").WithTags("policies");
        policies.MapGet("", (IPlanDesk desk, CancellationToken cancellation) => desk.PoliciesAsync(cancellation)).WithName("ListPolicies").WithSummary("All policies, by name");
        policies.MapGet("/{name}", GetAsync).WithName("GetPolicy").WithSummary("One policy").Produces<AutoApplyPolicy>().ProducesProblem(404);
        policies.MapPut("/{name}", PutAsync).RequireAuthorization(Roles.Administrator).WithName("SavePolicy").WithSummary("Adds or replaces a policy")
            .Produces<AutoApplyPolicy>().ProducesValidationProblem().ProducesProblem(409);
        policies.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Roles.Administrator).WithName("RemovePolicy").WithSummary("Removes a policy")
            .Produces<Outcome>().ProducesProblem(404);
        policies.MapGet("/{name}/dry-run", DryRunAsync).WithName("DryRunPolicy").WithSummary("How a policy would have decided on the plans of the last days")
            .Produces<PolicyDryRun>().ProducesValidationProblem().ProducesProblem(404);
    }

    private static async Task<IResult> GetAsync(string name, IPlanDesk desk, CancellationToken cancellation) =>
        (await desk.PoliciesAsync(cancellation)).FirstOrDefault(p => p.Name == name) is { } policy ? Results.Ok(policy) : Refusals.NotFound($"There is no policy \"{name}\".");

    private static async Task<IResult> PutAsync(string name, PolicyBody body, HttpContext http, IPlanDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        Need(check, "enabled", body.Enabled is null);
        Need(check, "maxMoves", body.MaxMoves is null);
        Need(check, "maxBytes", body.MaxBytes is null);
        Need(check, "minConfidence", body.MinConfidence is null);
        Need(check, "minGainMinutes", body.MinGainMinutes is null);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var policy = new AutoApplyPolicy(name, body.Enabled!.Value, body.MaxMoves!.Value, body.MaxBytes!.Value, body.MinConfidence!.Value, body.MinGainMinutes!.Value, body.Kinds, body.Window ?? "", body.Actions);
        var outcome = await desk.SavePolicyAsync(policy, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Ok(policy) : Refusals.Of(outcome);
    }

    private static async Task<IResult> DeleteAsync(string name, HttpContext http, IPlanBench bench, CancellationToken cancellation) =>
        await bench.RemovePolicyAsync(name, Caller.ActorOf(http), cancellation) is { Done: true } outcome ? Results.Ok(outcome) : Refusals.NotFound($"There is no policy \"{name}\".");

    private static async Task<IResult> DryRunAsync(string name, int? days, IPlanDesk desk, ISettingsDesk settings, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var count = check.Number("days", days, 30, 1, 365);
        return check.Refusal is { } refusal ? refusal
            : (await desk.PoliciesAsync(cancellation)).FirstOrDefault(p => p.Name == name) is { } policy ? Results.Ok(await settings.DryRunAsync(policy, count, cancellation))
            : Refusals.NotFound($"There is no policy \"{name}\".");
    }

    private static void Need(RequestCheck check, string field, bool isMissing)
    {
        if (isMissing)
        {
            check.Add(field, "It is needed.");
        }
    }
}
