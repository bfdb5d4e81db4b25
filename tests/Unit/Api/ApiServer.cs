using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Backtesting;
using ShardConsole.ControlPlane.Calendar;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.ControlPlane.WhatIf;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.Api;

/// <summary>REST as the host puts it together, without a socket, with a key for each role.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly Dictionary<string, string> secrets = [];
    private WebApplication? app;

    internal PlanWorld World { get; } = new();

    internal FakeCluster Cluster { get; private set; } = null!;

    internal FakeImports Imports { get; } = new();

    /// <summary>Starts nodes; null: the machines are not in the control plane's hands.</summary>
    internal INodeStarter? Starter { get; init; }

    internal ApiOptions Options { get; init; } = new() { PageRows = 10, MaxPageRows = 50, MaxColumns = 100 };

    public async ValueTask InitializeAsync()
    {
        Cluster = new FakeCluster(World.Fleet);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IDbContextFactory<ControlPlaneDb>>(World.Database).AddSingleton(TimeProvider.System);
        builder.Services.AddSecurity(new SecurityOptions(), World.Database.Folder);
        builder.Services.AddSingleton<IPlanDesk>(World.Desk).AddSingleton<IPlanBench>(World.Desk).AddSingleton<ISettingsDesk>(World.SettingsDesk).AddSingleton<IRolloutDesk>(new RolloutDesk(World.Fleet, World.Audit)).AddSingleton<IImportDesk>(Imports)
            .AddSingleton<IQualityReader>(new FakeQuality()).AddSingleton<IPatternQueries>(new FakePatterns()).AddSingleton<ISeasonQueries>(new SeasonReader(Cluster, TimeProvider.System)).AddSingleton<IScoreQueries>(new FakeScores())
            .AddSingleton<IEventDesk>(new EventDesk(World.Database, World.Audit, World.Database.Folder, TimeProvider.System));
        builder.Services.AddSingleton<IClusterQueries>(Cluster).AddSingleton<IHistoryReader>(Cluster).AddSingleton<IForecastReader>(Cluster)
            .AddSingleton<ISegmentList>(Cluster).AddSingleton<IForecastTrigger>(Cluster).AddSingleton<IHorizonQueries>(new FakeHorizons());
        var drains = new DrainStore(World.Database.Folder.Path);
        var members = new MemberQueries(World.Fleet, drains, () => new Dictionary<ShardConsole.Shared.Cluster.ShardId, long>(), Starter is not null);
        var desk = new MemberDesk(World.Fleet, drains, members, Starter, World.Audit, TimeProvider.System);
        builder.Services.AddSingleton<IMemberQueries>(members).AddSingleton<IIntegrityQueries>(members).AddSingleton<IMemberDesk>(desk).AddSingleton<IIntegrityDesk>(desk);
        var whatIf = new WhatIfOptions();
        builder.Services.AddSingleton<IWhatIfDesk>(new WhatIfDesk(
            new WhatIfRunner(World.Fleet, Cluster, World.Desk, World.Settings, whatIf, World.Clock), World.Fleet, World.Settings, whatIf, World.Clock, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<WhatIfDesk>.Instance));
        builder.Services.AddSingleton<IBacktestDesk>(new BacktestDesk(
            new BacktestStore(World.Database), Cluster, World.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<BacktestDesk>.Instance));
        var webhooks = new WebhookOptions();
        builder.Services.AddSingleton<IWebhookDesk>(p =>
        {
            var vault = new WebhookVault(p.GetRequiredService<Microsoft.AspNetCore.DataProtection.IDataProtectionProvider>());
            var store = new WebhookStore(World.Database, webhooks);
            return new WebhookDesk(World.Database, store, new WebhookSender(new Webhooks.Receiver(), vault, webhooks, "test", TimeProvider.System), vault, World.Audit, webhooks, TimeProvider.System);
        });
        builder.Services.AddApi(Options);
        app = builder.Build();
        SecurityHeaders.Use(app);
        app.UseApiErrors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapSecurity();
        app.MapApi();
        await app.StartAsync();
        var keys = app.Services.GetRequiredService<ApiKeyStore>();
        foreach (var role in Roles.All)
        {
            secrets[role] = (await keys.CreateAsync(role, role, "test", TimeSpan.FromDays(1), default)).Secret;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        World.Dispose();
    }

    /// <summary>All endpoints that are mapped.</summary>
    internal IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints => app!.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints;

    /// <summary>The server's handler, for clients of other kinds.</summary>
    internal HttpMessageHandler Handler => app!.GetTestServer().CreateHandler();

    /// <summary>The key of a role.</summary>
    internal string KeyOf(string role) => secrets[role];

    /// <summary>A key of its own.</summary>
    internal async Task<string> NewKeyAsync(string role, Actor by, params string[] scopes) =>
        (await app!.Services.GetRequiredService<ApiKeyStore>().CreateAsync("bound", role, scopes, by, TimeSpan.FromDays(1), default)).Secret;

    /// <summary>Sends a request with a key of the role (none where it is null) and reads the answer.</summary>
    internal async Task<Answer> SendAsync(string method, string path, string? role = Roles.Operator, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await SendAsync(request, role, headers);
    }

    internal async Task<Answer> SendAsync(HttpRequestMessage request, string? role, params (string Name, string Value)[] headers)
    {
        if (role is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secrets.GetValueOrDefault(role, role));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var client = app!.GetTestClient();
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" ? JsonDocument.Parse(text).RootElement : default,
            name => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null);
    }
}

/// <summary>An answer of REST.</summary>
internal sealed record Answer(int Status, string MediaType, JsonElement Body, Func<string, string?> Header)
{
    /// <summary>The problem's code.</summary>
    public string? Code => MediaType == "application/problem+json" ? Body.GetProperty("code").GetString() : null;

    /// <summary>The problem's sentence.</summary>
    public string Detail => Body.GetProperty("detail").GetString() ?? "";

    /// <summary>The fields that a 400 names.</summary>
    public IEnumerable<string> Fields => Body.GetProperty("errors").EnumerateObject().Select(p => p.Name);
}
