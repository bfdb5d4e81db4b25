using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Load;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>Adds gossip.</summary>
internal static class MembershipRegistration
{
    /// <summary>
    /// Adds <see cref="IMembership"/>. Needs <see cref="NetworkCounter"/>. The options are asked for once, when the data folder's identity is known.
    /// </summary>
    public static IServiceCollection AddMembership(this IServiceCollection services, Func<IServiceProvider, GossipOptions> options) => services
        .AddSingleton(provider => new GossipDriver(
            options(provider),
            provider.GetRequiredService<TimeProvider>(),
            new Random(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue)),
            provider.GetRequiredService<NetworkCounter>(),
            provider.GetRequiredService<ILogger<GossipDriver>>()))
        .AddSingleton<IMembership>(provider => provider.GetRequiredService<GossipDriver>())
        .AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<GossipDriver>())
        .AddHostedService(provider => provider.GetRequiredService<GossipDriver>());
}
