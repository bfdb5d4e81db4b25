using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Backtesting;
using ShardConsole.ControlPlane.Calendar;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.LocalCluster;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.ControlPlane.WhatIf;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>Builds and runs the control plane: a list of what it is made of.</summary>
internal static class ControlPlaneHost
{
    /// <summary>Runs until it is stopped. Exit code.</summary>
    /// <exception cref="StartupException">It cannot start.</exception>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> flags, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot" });
        HostSettings.AddConfiguration(builder.Configuration, flags);
        var settings = HostSettings.Read(builder.Configuration);
        var tls = settings.ControlPlane.HasTls ? TlsFiles.Load(settings.ControlPlane.TlsCertificate, settings.ControlPlane.TlsKey, TimeProvider.System.GetUtcNow()) : null;
        settings.LocalCluster.ControlPlaneCertificate = tls is null ? "" : Path.GetFullPath(settings.ControlPlane.TlsCertificate);
        ListenCheck.Check(settings.ControlPlane.ListenUrls);
        using var folder = DataFolder.Open(settings.ControlPlane.Data, exclusive: true);
        DataRegistration.Migrate(folder);
        var clock = new ModelClock(
            TimeProvider.System, ModelClockAnchor.LoadOrCreate(folder.Path, TimeProvider.System.GetUtcNow(), settings.ControlPlane.ClockFactor));

        AddLogging(builder.Logging);
        builder.WebHost.UseUrls(settings.ControlPlane.ListenUrls.Split(';', StringSplitOptions.RemoveEmptyEntries));
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (tls is not null)
            {
                kestrel.ConfigureHttpsDefaults(https => (https.ServerCertificate, https.ServerCertificateChain) = (tls.Certificate, tls.Chain));
            }
        });
        builder.Services.AddSingleton(settings.ControlPlane);
        builder.Services.AddSingleton(settings.Scoring);
        builder.Services.AddSingleton(settings.Forecasting);
        builder.Services.AddModelClock(clock);
        builder.Services.AddData(folder);
        if (!settings.Fleet.IsSimulated)
        {
            builder.Services.AddLocalCluster(settings.LocalCluster, folder.Path);
        }

        builder.Services.AddHistory(settings.History);
        builder.Services.AddFleet(settings.Fleet, settings.Intake, settings.Simulated, HostSettings.ReadKey(settings, folder.Path));
        builder.Services.AddPatterns(settings.Patterns);
        builder.Services.AddCalendar();
        builder.Services.AddJobs(settings.Jobs);
        builder.Services.AddImport(settings.Import);
        builder.Services.AddDemo(settings.ControlPlane, settings.Demo);
        builder.Services.AddSecurity(settings.Security, folder);
        builder.Services.AddApproval(settings.Approval, settings.Planning);
        builder.Services.AddRollout(settings.Rollout);
        builder.Services.AddSettings();
        builder.Services.AddWhatIf(settings.WhatIf);
        builder.Services.AddBacktests();
        builder.Services.AddWebhooks(settings.Webhooks, settings.ControlPlane.Name);
        builder.Services.AddApi(settings.Api);
        builder.Services.AddDashboard();

        await using var app = builder.Build();
        UseAll(app, settings.Intake);
        await StartAsync(app, settings.ControlPlane, cancellation);
        await SayWhereAsync(app, settings.Security, cancellation);
        await app.WaitForShutdownAsync(cancellation);
        return Environment.ExitCode;
    }

    /// <summary>What a request passes, in this order; each step relies on those before it.</summary>
    private static void UseAll(WebApplication app, IntakeOptions intake)
    {
        SecurityHeaders.Use(app);
        app.UseExceptionHandler(Urls.Error);
        app.UseWhen(
            context => HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                && !context.Request.Path.StartsWithSegments("/api"),
            pages => pages.UseStatusCodePagesWithReExecute(Urls.NotFound));
        app.UseApiErrors();
        app.UseDashboardFiles();
        app.UseWhen(IsPage, pages =>
        {
            // Only an unknown address gets the page that says so; other refusals have pages or words of their own.
            pages.UseStatusCodePagesWithReExecute(Urls.NotFound);
            pages.Use(async (http, next) =>
            {
                await next(http);
                if (http.Response.StatusCode != StatusCodes.Status404NotFound && http.Features.Get<IStatusCodePagesFeature>() is { } feature)
                {
                    feature.Enabled = false;
                }
            });
        });

        // Only here: a route of the packaged files matches every name with an extension, and would keep the console's own files behind the sign-in.
        app.UseRouting();
        app.UseIntakeBodies(intake);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapIntake();
        app.MapSecurity();
        app.MapApi();
        app.MapJobs();
        app.MapDashboard();
    }

    /// <summary>A person's browser asks for a page, not a program for an answer.</summary>
    private static bool IsPage(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.StartsWithSegments("/api")
        && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss ";
        });

        // It warns that the keys of the sign-in cookie are not encrypted where they lie. They lie in the data folder, beside the cluster key and the
        // password hashes: who may read that folder needs no cookie.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    }

    /// <summary>Prints the console's address, and while there is no administrator the link that creates one.</summary>
    private static async Task SayWhereAsync(WebApplication app, SecurityOptions security, CancellationToken cancellation)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        foreach (var address in addresses)
        {
            Console.WriteLine($"Console at {address}");
        }

        if (await SecurityRegistration.SetupLinkAsync(app.Services, addresses.FirstOrDefault() ?? "", cancellation) is { } link)
        {
            Console.WriteLine($"First sign-in (works once, for {security.SetupLinkMinutes} min): {link}");
        }
    }

    private static async Task StartAsync(WebApplication app, ControlPlaneOptions options, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new StartupException($"{options.ListenUrls} cannot be listened at: {e.Message} Stop what uses it, or choose another with --port or --bind.");
        }
    }
}
