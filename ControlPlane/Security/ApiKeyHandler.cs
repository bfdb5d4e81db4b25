using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Signs a program in by "Authorization: Bearer sck_…". The hub's browser clients may send it as access_token, since WebSockets have no headers.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyStore keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "ApiKey";

    /// <summary>Claim with the person for whom a key acts.</summary>
    public const string PersonClaim = "person";

    /// <summary>Claim with one scope of a key; a key without any may do all that its role may.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>The key that a request brings; null where it brings none.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim()
            : request.Path.StartsWithSegments("/hubs") && request.Query.TryGetValue("access_token", out var token) ? token.ToString()
            : null;
    }

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyOf(Request) is not { } secret)
        {
            return AuthenticateResult.NoResult();
        }

        if (await keys.FindAsync(secret, Context.RequestAborted) is not { } key)
        {
            return AuthenticateResult.Fail("The API key is unknown, revoked or expired.");
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, $"key {key.Name}"), new Claim(ClaimTypes.Role, key.Role), new Claim(PersonClaim, key.Person), .. key.Scopes.Select(s => new Claim(ScopeClaim, s))], Scheme.Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }
}
