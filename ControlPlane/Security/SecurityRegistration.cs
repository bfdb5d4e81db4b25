using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Who may do what: sessions of people by cookie, of programs by API key; one policy per role.</summary>
internal static class SecurityRegistration
{
    private const string Either = "CookieOrKey";

    /// <summary>Adds users, keys, audit, both ways to sign in and the policies "viewer", "operator", "administrator". Everything needs at least a viewer unless it says otherwise.</summary>
    public static IServiceCollection AddSecurity(this IServiceCollection services, SecurityOptions options, DataFolder folder)
    {
        services.AddDataProtection().SetApplicationName("ShardConsole").PersistKeysToFileSystem(PrivateFolder(Path.Combine(folder.Path, "keys")));
        services.AddAntiforgery(o => o.Cookie.Name = "shardconsole-form");
        services.AddSingleton(options).AddSingleton<SignInThrottle>();
        services.AddSingleton(p => new UserStore(p.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<ControlPlaneDb>>(), options, TimeProvider.System));
        services.AddSingleton(p => new ApiKeyStore(p.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<ControlPlaneDb>>(), TimeProvider.System));
        services.AddSingleton(p => new AuditTrail(p.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<ControlPlaneDb>>(), TimeProvider.System));
        services.AddSingleton(_ => new SetupCode(TimeProvider.System.GetUtcNow().AddMinutes(options.SetupLinkMinutes)));
        services.AddSingleton(p => new Enrolment(
            p.GetRequiredService<UserStore>(), p.GetRequiredService<SignInThrottle>(), p.GetRequiredService<SetupCode>(), p.GetRequiredService<AuditTrail>(), TimeProvider.System));
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, Either, o => o.ForwardDefaultSelector = context =>
                ApiKeyHandler.KeyOf(context.Request) is null ? CookieAuthenticationDefaults.AuthenticationScheme : ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddCookie(o => Configure(o, options));
        services.AddAuthorization(o =>
        {
            foreach (var role in Roles.All)
            {
                o.AddPolicy(role, p => p.RequireAuthenticatedUser().RequireRole(Roles.AtLeast(role)));
            }

            o.FallbackPolicy = o.GetPolicy(Roles.Viewer);
        });
        return services;
    }

    /// <summary>Maps signing in and out, the set-up and the API keys.</summary>
    public static void MapSecurity(this IEndpointRouteBuilder routes)
    {
        SessionEndpoints.Map(routes);
        TokenEndpoints.Map(routes);
        UserEndpoints.Map(routes);
    }

    /// <summary>The one-time link, or null when there is an administrator.</summary>
    public static async Task<string?> SetupLinkAsync(IServiceProvider services, string address, CancellationToken cancellation) =>
        await services.GetRequiredService<UserStore>().AnyAsync(cancellation)
            ? null
            : $"{address.TrimEnd('/')}/welcome?code={services.GetRequiredService<SetupCode>().Text}";

    /// <summary>A folder that only this user may read: who reads the keys can make sessions.</summary>
    private static DirectoryInfo PrivateFolder(string path)
    {
        var folder = Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }

        return folder;
    }

    private static void Configure(CookieAuthenticationOptions cookie, SecurityOptions options)
    {
        cookie.Cookie.Name = "shardconsole";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Strict;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromHours(options.SessionHours);
        cookie.SlidingExpiration = true;
        cookie.LoginPath = "/sign-in";
        cookie.AccessDeniedPath = "/forbidden";
        cookie.ReturnUrlParameter = "return";
        cookie.Events.OnRedirectToLogin = context => AnswerOrRedirect(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = context => AnswerOrRedirect(context, StatusCodes.Status403Forbidden);
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static Task AnswerOrRedirect(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments("/api") || path.StartsWithSegments("/hubs"))
        {
            context.Response.StatusCode = status;
        }
        else
        {
            context.Response.Redirect(context.RedirectUri);
        }

        return Task.CompletedTask;
    }

    /// <summary>A session ends when its user is gone or was changed.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var id = context.Principal?.FindFirstValue(SessionEndpoints.UserIdClaim);
        var stamp = context.Principal?.FindFirstValue(SessionEndpoints.StampClaim) ?? "";
        var users = context.HttpContext.RequestServices.GetRequiredService<UserStore>();
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            || await users.FindAsync(user, stamp, context.HttpContext.RequestAborted) is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }
}
