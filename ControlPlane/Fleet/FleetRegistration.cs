using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.LocalCluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Adds the cluster that is steered, its reports and what is asked about it.</summary>
internal static class FleetRegistration
{
    /// <summary>Adds a fleet of node agents: the local ones, or those that the options name.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services, FleetOptions options, IntakeOptions intake, ClusterKey key)
    {
        services.AddSingleton(options).AddSingleton(intake).AddSingleton(key);
        services.AddSingleton(provider => new AgentFleet(
            new AgentClient(Http(options), key, options), Seeds(options, provider), options, provider.GetRequiredService<DataFolder>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AgentFleet>>()));
        services.AddSingleton<IFleet>(provider => provider.GetRequiredService<AgentFleet>());
        services.AddSingleton<LoadIntake>().AddSingleton<ScoreKeeper>().AddSingleton<ClusterQueries>().AddSingleton<ISegmentList, SegmentList>().AddSingleton<IScoreQueries, ScoreExplainer>();
        services.AddSingleton<IClusterQueries>(provider => provider.GetRequiredService<ClusterQueries>());
        services.AddRequestDecompression();
        return services.AddHostedService<AgentFleetDriver>().AddHostedService<ClusterWatch>();
    }

    private static HttpClient Http(FleetOptions options) =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromMilliseconds(options.TimeoutMs), UseProxy = false })
        {
            MaxResponseContentBufferSize = options.MaxAnswerBytes,
        };

    private static List<string> Seeds(FleetOptions options, IServiceProvider provider)
    {
        var local = provider.GetService<LocalClusterFile>();
        var bind = provider.GetService<LocalClusterOptions>()?.Bind;
        return [.. options.Seeds, .. (local?.Nodes ?? []).Select(n => $"{bind}:{n.AdminPort}")];
    }
}
