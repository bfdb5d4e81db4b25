using Microsoft.AspNetCore.DataProtection;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>Adds webhooks.</summary>
internal static class WebhookRegistration
{
    /// <summary>Adds <see cref="IWebhookDesk"/> and what tells and sends. Needs fleet, forecasts, audit, data protection and real time.</summary>
    /// <param name="cluster">Name of the cluster, for people.</param>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, WebhookOptions options, string cluster) => services
        .AddSingleton(options).AddSingleton<WebhookStore>().AddSingleton(p => new WebhookVault(p.GetRequiredService<IDataProtectionProvider>()))
        .AddSingleton(p => new WebhookSender(WebhookSender.NewHandler(), p.GetRequiredService<WebhookVault>(), options, cluster, TimeProvider.System))
        .AddSingleton<IWebhookDesk, WebhookDesk>()
        .AddHostedService(p => new WebhookDriver(
            p.GetRequiredService<WebhookStore>(), p.GetRequiredService<WebhookSender>(), p.GetRequiredService<IFleet>(), p.GetRequiredService<ForecastStore>(), options, TimeProvider.System,
            new Random(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue)),
            p.GetRequiredService<ILogger<WebhookDriver>>()));
}
