using System.Security.Claims;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Requests;

namespace ShardConsole.ControlPlane.Security;

/// <summary>API keys over REST, for administrators.</summary>
internal static class TokenEndpoints
{
    /// <summary>What a new key needs.</summary>
    /// <param name="Name">1..64 characters.</param>
    /// <param name="Role">"viewer", "operator" or "administrator".</param>
    /// <param name="Days">Life, days; 90 where it is left out.</param>
    /// <param name="Scopes">Areas that it may use within its role (the first word of the path, "plans" say); everything where it is left out.</param>
    internal sealed record NewKey(string? Name, string? Role, int? Days, IReadOnlyList<string>? Scopes = null);

    /// <summary>Maps GET, POST and DELETE below /api/v1/tokens.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/tokens").WithTags("tokens").RequireAuthorization(Roles.Administrator);
        api.MapGet("", async (int? limit, string? cursor, HttpContext http, ApiKeyStore keys, CancellationToken cancellation) =>
                Paging.Rows("tokens", await keys.ListAsync(cancellation), k => k.Id, _ => "", limit, cursor, http))
            .WithSummary("All API keys, without their secrets, the newest first").WithDescription(Paging.ArrayWords).Produces<IReadOnlyList<ApiKey>>().ProducesValidationProblem();
        api.MapPost("", CreateAsync).WithSummary("Makes an API key; the secret is answered once");
        api.MapDelete("/{id:long}", RevokeAsync).WithSummary("Revokes an API key at once");
    }

    private static async Task<IResult> CreateAsync(
        NewKey request, ApiKeyStore keys, AuditTrail audit, SecurityOptions options, HttpContext http, CancellationToken cancellation)
    {
        var problems = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > 64)
        {
            problems["name"] = ["A name has 1 to 64 characters."];
        }

        if (!Roles.IsRole(request.Role))
        {
            problems["role"] = [$"\"{request.Role}\" is no role; use viewer, operator or administrator."];
        }

        var days = request.Days ?? 90;
        if (days < 1 || days > options.MaxKeyDays)
        {
            problems["days"] = [$"{days} is outside 1..{options.MaxKeyDays}."];
        }

        if (request.Scopes?.FirstOrDefault(s => !AccessTable.Scopes.Contains(s)) is { } unknown)
        {
            problems["scopes"] = [$"\"{unknown}\" is none of {string.Join(", ", AccessTable.Scopes)}."];
        }

        if (problems.Count > 0)
        {
            return Refusals.Invalid(problems);
        }

        var by = Caller.ActorOf(http);
        var (key, secret) = await keys.CreateAsync(request.Name!, request.Role!, request.Scopes ?? [], by, TimeSpan.FromDays(days), cancellation);
        await audit.AddAsync(by.Name, "key-created", key.Name, $"{key.Role}, {days} days, {(key.Scopes.Count == 0 ? "all areas" : string.Join(' ', key.Scopes))}", cancellation);
        return Results.Created($"/api/v1/tokens/{key.Id}", new { key.Id, key.Name, key.Role, key.Scopes, key.ExpiresAt, Secret = secret });
    }

    private static async Task<IResult> RevokeAsync(long id, ApiKeyStore keys, AuditTrail audit, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (!await keys.RevokeAsync(id, cancellation))
        {
            return Refusals.NotFound($"There is no API key {id}.");
        }

        await audit.AddAsync(user.Identity?.Name ?? "", "key-revoked", $"{id}", "", cancellation);
        return Results.NoContent();
    }
}
