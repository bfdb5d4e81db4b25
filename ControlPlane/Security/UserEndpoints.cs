using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Requests;

namespace ShardConsole.ControlPlane.Security;

/// <summary>People who may sign in, over REST, for administrators. The last administrator stays one.</summary>
internal static class UserEndpoints
{
    /// <summary>A person to add.</summary>
    /// <param name="Name">1..64 characters.</param>
    /// <param name="Password">First password.</param>
    /// <param name="Role">"viewer", "operator" or "administrator".</param>
    internal sealed record NewUser(string? Name, string? Password, string? Role);

    /// <summary>What is to change; what is left out stays. Each ends the person's sessions.</summary>
    /// <param name="Disabled">May no longer sign in; keys that act for this person are refused while it lasts.</param>
    internal sealed record UserChange(string? Role = null, string? Password = null, bool? Disabled = null);

    /// <summary>A link by which a person chooses a new password, once. It is answered this one time.</summary>
    /// <param name="Link">Path of the page.</param>
    /// <param name="Code">What POST /password-reset takes.</param>
    internal sealed record ResetLink(string Link, string Code, DateTimeOffset ExpiresAt);

    /// <summary>A person, without what proves who it is.</summary>
    internal sealed record UserView(long Id, string Name, string Role, DateTimeOffset CreatedAt, bool Disabled, DateTimeOffset? SignedInAt);

    /// <summary>Maps GET, POST, PATCH and DELETE below /api/v1/users.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/users").WithTags("users").RequireAuthorization(Roles.Administrator);
        api.MapGet("", async (int? limit, string? cursor, HttpContext http, UserStore users, CancellationToken cancellation) =>
                Paging.Rows("users", (await users.ListAsync(cancellation)).Select(View), u => -u.Id, _ => "", limit, cursor, http))
            .WithSummary("All people who may sign in").WithDescription(Paging.ArrayWords).Produces<IReadOnlyList<UserView>>().ProducesValidationProblem();
        api.MapPost("", AddAsync).WithSummary("Adds a person").Produces<UserView>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(409);
        api.MapPatch("/{id:long}", ChangeAsync).WithSummary("Changes a person's role, password or whether it is disabled; the person's sessions end")
            .Produces<UserView>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/{id:long}/password-reset", MakeResetAsync).WithSummary("Makes a link by which the person chooses a new password, once; it is answered this one time")
            .Produces<ResetLink>(StatusCodes.Status201Created).ProducesProblem(404);
        api.MapDelete("/{id:long}", RemoveAsync).WithSummary("Removes a person with the API keys that act for it; the person's sessions end").Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(409);
    }

    private static UserView View(User user) => new(user.Id, user.Name, user.Role, user.CreatedAt, user.Disabled, user.SignedInAt);

    private static async Task<IResult> AddAsync(NewUser request, UserStore users, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var problems = users.Problems(request.Name, request.Password).ToDictionary();
        if (!Roles.IsRole(request.Role))
        {
            problems["role"] = [NoRole(request.Role)];
        }

        if (problems.Count > 0)
        {
            return Refusals.Invalid(problems);
        }

        if (await users.AddAsync(request.Name!, request.Password!, request.Role!, cancellation) is not { } user)
        {
            return Refusals.Of(new Api.Model.Outcome("conflict", $"There is a user {request.Name!.Trim()} already."));
        }

        await audit.AddAsync(Caller.Of(http), "user-added", user.Name, user.Role, cancellation);
        return Results.Created($"/api/v1/users/{user.Id}", View(user));
    }

    private static async Task<IResult> ChangeAsync(long id, UserChange request, UserStore users, ApiKeyStore keys, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var problems = new Dictionary<string, string[]>();
        if (request.Role is not null && !Roles.IsRole(request.Role))
        {
            problems["role"] = [NoRole(request.Role)];
        }

        if (request.Password is not null && users.Problems("name", request.Password).TryGetValue("password", out var weak))
        {
            problems["password"] = weak;
        }

        if (request.Role is null && request.Password is null && request.Disabled is null)
        {
            problems["role"] = ["Name a role, a password or disabled."];
        }

        if (problems.Count > 0)
        {
            return Refusals.Invalid(problems);
        }

        var (user, refusal) = await users.ChangeAsync(id, request.Role, request.Password, cancellation, request.Disabled);
        if (user is null)
        {
            return Refused(id, refusal);
        }

        var what = string.Join(", ", new[] { request.Role is null ? null : $"role {request.Role}", request.Password is null ? null : "a new password", request.Disabled is { } off ? off ? "disabled" : "enabled" : null }.Where(w => w is not null));
        keys.Forget();
        await audit.AddAsync(Caller.Of(http), "user-changed", user.Name, what, cancellation);
        return Results.Ok(View(user));
    }

    private static async Task<IResult> RemoveAsync(long id, UserStore users, ApiKeyStore keys, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var (user, refusal) = await users.RemoveAsync(id, cancellation);
        if (user is null)
        {
            return Refused(id, refusal);
        }

        keys.Forget();
        await audit.AddAsync(Caller.Of(http), "user-removed", user.Name, user.Role, cancellation);
        return Results.NoContent();
    }

    private static async Task<IResult> MakeResetAsync(long id, UserStore users, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        if (await users.MakeResetAsync(id, cancellation) is not { } made)
        {
            return Refused(id, null);
        }

        await audit.AddAsync(Caller.Of(http), "password-reset-made", made.User.Name, $"works until {made.ExpiresAt:u}", cancellation);
        return Results.Created((string?)null, new ResetLink($"/reset?code={made.Code}", made.Code, made.ExpiresAt));
    }

    private static string NoRole(string? role) => $"\"{role}\" is no role; use viewer, operator or administrator.";

    private static IResult Refused(long id, string? refusal) => refusal is null
        ? Refusals.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no user {id}.")) : Refusals.Of(new Api.Model.Outcome("conflict", refusal));
}
