using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using ShardConsole.ControlPlane.Api.Answers;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Signing in and out, and the one-time set-up. Forms of the console (with antiforgery token) and JSON of scripts.</summary>
internal static class SessionEndpoints
{
    /// <summary>Claim with the user's id.</summary>
    public const string UserIdClaim = "user-id";

    /// <summary>Claim with the user's stamp.</summary>
    public const string StampClaim = "stamp";

    /// <summary>What a script sends.</summary>
    internal sealed record SetupRequest(string? Code, string? Name, string? Password);

    /// <summary>What a script sends.</summary>
    internal sealed record SignInRequest(string? Name, string? Password);

    /// <summary>What a script sends.</summary>
    internal sealed record ResetRequest(string? Code, string? Password);

    /// <summary>Maps POST /setup, /session, /session/end and /password-reset for forms and POST /api/v1/setup, /api/v1/password-reset, POST and DELETE /api/v1/session for scripts.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/setup", SetupFormAsync).AllowAnonymous().ExcludeFromDescription().DisableAntiforgery();
        routes.MapPost("/session", SignInFormAsync).AllowAnonymous().ExcludeFromDescription().DisableAntiforgery();
        routes.MapPost("/session/end", SignOutFormAsync).ExcludeFromDescription().DisableAntiforgery();
        routes.MapPost("/password-reset", ResetFormAsync).AllowAnonymous().ExcludeFromDescription().DisableAntiforgery();
        var api = routes.MapGroup("/api/v1").WithTags("session");
        api.MapPost("/password-reset", ResetAsync).AllowAnonymous().WithSummary("Chooses a new password by the code of a link that an administrator made; the person's sessions end")
            .Produces(StatusCodes.Status204NoContent).ProducesValidationProblem().ProducesProblem(403);
        api.MapPost("/setup", SetupAsync).AllowAnonymous().WithSummary("Creates the first administrator by the one-time code, and signs in");
        api.MapPost("/session", SignInAsync).AllowAnonymous().WithSummary("Signs in; the answer sets the session's cookie");
        api.MapDelete("/session", (Delegate)SignOutAsync).AllowAnonymous().WithSummary("Signs out");
    }

    private static async Task<IResult> SetupFormAsync(HttpContext http, IAntiforgery antiforgery, Enrolment enrolment)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
        {
            return Results.Redirect("/welcome?error=form");
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var code = form["code"].ToString();
        var (user, error, _) = await enrolment.SetupAsync(code, form["name"], form["password"], http.RequestAborted);
        if (user is null)
        {
            return Results.Redirect($"/welcome?code={Uri.EscapeDataString(code)}&error={error}");
        }

        await BeginSessionAsync(http, user);
        return Results.Redirect("/");
    }

    private static async Task<IResult> SignInFormAsync(HttpContext http, IAntiforgery antiforgery, Enrolment enrolment)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var target = form["return"].ToString();
        var valid = await antiforgery.IsRequestValidAsync(http);
        var (user, error, _) = valid
            ? await enrolment.SignInAsync(form["name"], form["password"], http.RequestAborted)
            : (null, "form", "");
        if (user is null)
        {
            return Results.Redirect($"/sign-in?error={error}&return={Uri.EscapeDataString(target)}");
        }

        await BeginSessionAsync(http, user);
        return Results.LocalRedirect(IsLocal(target) ? target : "/");
    }

    private static async Task<IResult> ResetFormAsync(HttpContext http, IAntiforgery antiforgery, Enrolment enrolment)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var code = form["code"].ToString();
        var (user, error, _) = await antiforgery.IsRequestValidAsync(http) ? await enrolment.ResetAsync(code, form["password"], http.RequestAborted) : (null, "form", "");
        return Results.Redirect(user is null ? $"/reset?code={Uri.EscapeDataString(code)}&error={error}" : "/sign-in?error=reset");
    }

    private static async Task<IResult> ResetAsync(HttpContext http, Enrolment enrolment, ResetRequest request)
    {
        var (user, error, detail) = await enrolment.ResetAsync(request.Code, request.Password, http.RequestAborted);
        return user is not null ? Results.NoContent()
            : error == "password" ? Refusals.Invalid("password", detail)
            : Refusals.Problem(StatusCodes.Status403Forbidden, "reset-code", detail);
    }

    private static async Task<IResult> SignOutFormAsync(HttpContext http, IAntiforgery antiforgery)
    {
        if (await antiforgery.IsRequestValidAsync(http))
        {
            await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }

        return Results.Redirect("/sign-in");
    }

    private static async Task<IResult> SetupAsync(HttpContext http, Enrolment enrolment, SetupRequest request)
    {
        var (user, error, detail) = await enrolment.SetupAsync(request.Code, request.Name, request.Password, http.RequestAborted);
        if (user is null)
        {
            return error == "invalid"
                ? Refusals.Invalid(enrolment.Problems(request.Name, request.Password).ToDictionary())
                : Refusals.Problem(error == "done" ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden, error == "done" ? "set-up-done" : "set-up-code", detail);
        }

        await BeginSessionAsync(http, user);
        return Results.Ok(new { user.Name, user.Role });
    }

    private static async Task<IResult> SignInAsync(HttpContext http, Enrolment enrolment, SignInRequest request)
    {
        var (user, error, detail) = await enrolment.SignInAsync(request.Name, request.Password, http.RequestAborted);
        if (user is null)
        {
            return error == "locked" ? Refusals.Problem(StatusCodes.Status429TooManyRequests, "locked", detail)
                : error == "disabled" ? Refusals.Problem(StatusCodes.Status403Forbidden, "disabled", detail) : Refusals.Problem(StatusCodes.Status401Unauthorized, "wrong", detail);
        }

        await BeginSessionAsync(http, user);
        return Results.Ok(new { user.Name, user.Role });
    }

    private static async Task<IResult> SignOutAsync(HttpContext http)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.NoContent();
    }

    private static Task BeginSessionAsync(HttpContext http, User user)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, user.Name), new Claim(ClaimTypes.Role, user.Role),
                new Claim(UserIdClaim, user.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)), new Claim(StampClaim, user.Stamp),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme);
        return http.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    private static bool IsLocal(string target) =>
        target.StartsWith('/') && !target.StartsWith("//", StringComparison.Ordinal) && !target.StartsWith("/\\", StringComparison.Ordinal);
}
