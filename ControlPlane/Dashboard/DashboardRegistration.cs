using MudBlazor;
using MudBlazor.Services;
using ShardConsole.ControlPlane.Dashboard.Heatmap;
using ShardConsole.ControlPlane.Dashboard.Live;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard;

/// <summary>
/// The console. Needs the interfaces of Api/Model, a <see cref="TimeProvider"/>, authentication and the policy "viewer".
/// </summary>
internal static class DashboardRegistration
{
    /// <summary>
    /// Scripts only from here, never inline, never eval. MudBlazor sets style attributes and one theme element, so styles may be inline.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    /// <summary>Adds the console's services.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomLeft;
            o.SnackbarConfiguration.VisibleStateDuration = 5000;
            o.SnackbarConfiguration.PreventDuplicates = false;
        });
        services.AddCascadingAuthenticationState();
        services.AddSingleton<HeatmapSource>();
        services.AddScoped<DisplayZone>();
        services.AddScoped<LiveState>();
        return services;
    }

    /// <summary>
    /// Maps pages, static files and the heatmap's endpoint, with the security headers in front of everything. Call it after
    /// UseAuthentication and UseAuthorization; the content root is the folder of the binaries.
    /// </summary>
    public static void MapDashboard(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions
        {
            // Own scripts import each other without a version in their names: the browser asks each time and mostly hears "not modified".
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
        });
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        HeatmapEndpoint.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
