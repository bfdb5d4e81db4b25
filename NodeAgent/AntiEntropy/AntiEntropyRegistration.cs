using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Options;

namespace ShardConsole.NodeAgent.AntiEntropy;

/// <summary>Adds the comparison of replicas.</summary>
internal static class AntiEntropyRegistration
{
    /// <summary>Adds <see cref="AntiEntropyDriver"/>, which is to be told to listen before the ports are open.</summary>
    public static IServiceCollection AddAntiEntropy(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(new AntiEntropyOptions { PeriodMs = options.CheckSeconds * 1000L })
        .AddSingleton<AntiEntropyDriver>()
        .AddSingleton<IMetricsSource>(p => p.GetRequiredService<AntiEntropyDriver>());
}
