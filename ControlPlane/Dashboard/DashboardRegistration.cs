using Microsoft.Extensions.FileProviders;
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
    /// <summary>Adds the console's services.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub =>
        {
            hub.MaximumReceiveMessageSize = 64 * 1024;
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(60);
        });
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
    /// Serves the console's own files, to everybody: the page for signing in needs them. Goes before authentication; the content root is
    /// the folder of the binaries.
    /// </summary>
    public static void UseDashboardFiles(this WebApplication app)
    {
        var files = new StaticFileOptions
        {
            // Own scripts import each other without a version in their names: the browser asks each time and mostly hears "not modified".
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
        };
        if (Directory.Exists(app.Environment.WebRootPath))
        {
            // Named here, because UseStaticWebAssets replaces the web root's provider by one that knows packaged files only.
            files.FileProvider = new PhysicalFileProvider(app.Environment.WebRootPath);
        }

        app.UseStaticFiles(files);
    }

    /// <summary>Maps pages, packaged files and the heatmap's endpoint. Call it after UseAuthentication and UseAuthorization.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        HeatmapEndpoint.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
