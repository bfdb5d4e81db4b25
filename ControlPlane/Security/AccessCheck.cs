using Microsoft.AspNetCore.Authentication.Cookies;
using ShardConsole.ControlPlane.Api.Answers;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Holds REST to <see cref="AccessTable"/>, and refuses changes that another site's page sends with a person's cookie.</summary>
internal static class AccessCheck
{
    private const string Prefix = "/api/v1";

    /// <summary>Adds it. Goes after authorization: who is not signed in was refused there.</summary>
    public static void Use(IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (Refusal(http) is { } refusal)
        {
            await refusal.ExecuteAsync(http);
            return;
        }

        await next(http);
    });

    private static IResult? Refusal(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(Prefix) || http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern })
        {
            return null;
        }

        if (IsCrossSite(http))
        {
            return Refusals.Problem(StatusCodes.Status403Forbidden, "cross-site", "A page of another site sent this with your cookie. Use an API key from programs.");
        }

        var rule = AccessTable.Find(http.Request.Method == HttpMethods.Head ? HttpMethods.Get : http.Request.Method, pattern);
        if (rule is { Role: null })
        {
            return null;
        }

        var name = http.User.Identity?.Name;
        if (rule?.Role is not { } role || !Roles.AtLeast(role).Any(http.User.IsInRole))
        {
            return Refusals.Problem(StatusCodes.Status403Forbidden, "forbidden", $"\"{name}\" may not do this; {(rule is null ? "it is in no role" : $"the role \"{rule.Role}\" is needed")}.");
        }

        var scopes = http.User.FindAll(ApiKeyHandler.ScopeClaim).Select(c => c.Value).ToList();
        return scopes.Count == 0 || scopes.Contains(rule.Scope) ? null
            : Refusals.Problem(StatusCodes.Status403Forbidden, "scope", $"\"{name}\" is bound to {string.Join(", ", scopes)}; the scope \"{rule.Scope}\" is needed.");
    }

    /// <summary>
    /// A change with a session's cookie that the browser says comes from elsewhere. The cookie is SameSite=Strict, so browsers do not send it then; this holds where one does.
    /// A program that sends no such header is not a browser that was tricked.
    /// </summary>
    private static bool IsCrossSite(HttpContext http)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || http.User.Identity?.AuthenticationType != CookieAuthenticationDefaults.AuthenticationScheme)
        {
            return false;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        return site is "cross-site" or "same-site"
            || (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)));
    }
}
