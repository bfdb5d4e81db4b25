using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using ShardConsole.Components.Fakes;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;
using ShardConsole.ControlPlane.Dashboard.Live;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.Unit.Support;

namespace ShardConsole.Components;

/// <summary>The console's services around one made-up cluster, without a browser.</summary>
public abstract class ConsoleContext : BunitContext
{
    private readonly TestDatabase database = new();

    internal FakeBacktests Backtests { get; } = new();

    protected ConsoleContext()
    {
        Cluster = new FakeCluster();
        Desks = new FakeDesks(Cluster);
        WhatIf = new FakeWhatIf(Cluster.Now);
        Members = new FakeMembers(Cluster);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(o => o.PopoverOptions.CheckForPopoverProvider = false);
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<IClusterQueries>(Cluster).AddSingleton<IHistoryReader>(Cluster).AddSingleton<IForecastReader>(Cluster);
        Services.AddSingleton<IPlanDesk>(Desks).AddSingleton<IPlanBench>(Desks).AddSingleton<IRolloutDesk>(Desks).AddSingleton<IImportDesk>(Desks).AddSingleton<IWhatIfDesk>(WhatIf).AddSingleton<IBacktestDesk>(Backtests);
        Services.AddSingleton<IHorizonQueries>(new ShardConsole.Unit.Api.FakeHorizons()).AddSingleton<IForecastTrigger>(Cluster).AddSingleton<ISettingsDesk>(Settings);
        Services.AddSingleton<IDbContextFactory<ControlPlaneDb>>(database);
        Services.AddSingleton<AuditTrail>().AddSingleton<UserStore>().AddSingleton<ApiKeyStore>().AddSingleton(new SecurityOptions());
        Services.AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(Endpoints.Of("/api/v1/plans/{id}/approve", "POST", "plans", "Approves a plan", Roles.Viewer, Roles.Operator), Endpoints.Of("/api/v1/nodes", "GET", "cluster", "All nodes", Roles.Viewer)));
        var webhooks = new WebhookOptions();
        Services.AddSingleton<IWebhookDesk>(p =>
        {
            var vault = new WebhookVault(new Microsoft.AspNetCore.DataProtection.EphemeralDataProtectionProvider());
            var store = new WebhookStore(database, webhooks);
            return new WebhookDesk(database, store, new WebhookSender(Receiver, vault, webhooks, "test", TimeProvider.System), vault, p.GetRequiredService<AuditTrail>(), webhooks, TimeProvider.System);
        });
        Services.AddSingleton<IPatternQueries>(Patterns).AddSingleton<ISeasonQueries>(Patterns);
        Services.AddSingleton<IEventDesk>(Events);
        Services.AddSingleton<IMemberQueries>(Members).AddSingleton<IMemberDesk>(Members).AddSingleton<IIntegrityQueries>(Members).AddSingleton<IIntegrityDesk>(Members);
        Services.AddSingleton<HeatmapSource>();
        Services.AddScoped<DisplayZone>();
        Services.AddScoped<LiveState>();
        Zone.TrySet("Europe/Berlin");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            database.Dispose();
        }
    }

    private protected FakeEvents Events { get; } = new();

    private protected FakePatterns Patterns { get; } = new();

    private protected ShardConsole.Unit.Webhooks.Receiver Receiver { get; } = new();

    private protected FakeSettings Settings { get; } = new();

    private protected FakeCluster Cluster { get; }

    private protected FakeDesks Desks { get; }

    private protected FakeWhatIf WhatIf { get; }

    private protected FakeMembers Members { get; }

    private protected DisplayZone Zone => Services.GetRequiredService<DisplayZone>();

    /// <summary>Renders a component as somebody of this role sees it.</summary>
    protected IRenderedComponent<T> RenderAs<T>(string role, Action<ComponentParameterCollectionBuilder<T>>? parameters = null)
        where T : IComponent
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ops-1"), new Claim(ClaimTypes.Role, role)], "test"));
        return Render<T>(p =>
        {
            p.AddCascadingValue(Task.FromResult(new AuthenticationState(user)));
            parameters?.Invoke(p);
        });
    }

    /// <summary>Text of everything rendered, with plain spaces.</summary>
    protected static string TextOf(IRenderedComponent<IComponent> rendered) =>
        string.Join(' ', rendered.Nodes.Select(n => n.TextContent)).Replace('\u00A0', ' ').Replace('\u2009', ' ');
}
