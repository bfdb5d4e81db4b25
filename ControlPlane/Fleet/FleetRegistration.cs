using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.ControlPlane.Fleet.Simulated;
using ShardConsole.ControlPlane.LocalCluster;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Adds the cluster that is steered, its reports and what is asked about it.</summary>
internal static class FleetRegistration
{
    /// <summary>Adds a fleet of node agents (the local ones, or those that the options name), or one that is simulated.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services, FleetOptions options, IntakeOptions intake, SimulatedOptions simulated, ClusterKey key)
    {
        services.AddSingleton(options).AddSingleton(intake).AddSingleton(key);
        services.AddSingleton<LoadIntake>().AddSingleton<ScoreKeeper>().AddSingleton<ClusterQueries>().AddSingleton<ISegmentList, SegmentList>().AddSingleton<IScoreQueries, ScoreExplainer>();
        services.AddSingleton<IClusterQueries>(provider => provider.GetRequiredService<ClusterQueries>());
        services.AddRequestDecompression();
        if (options.IsSimulated)
        {
            AddSimulated(services, simulated);
        }
        else
        {
            AddAgents(services, options, key);
        }

        return services.AddMembers().AddHostedService<ClusterWatch>();
    }

    private static void AddSimulated(IServiceCollection services, SimulatedOptions simulated)
    {
        services.AddSingleton(provider =>
        {
            var limits = ModelRetention.LimitsAt(provider.GetRequiredService<Jobs.ModelClock>());
            return new SimulatedFleet(simulated, limits, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IFleet>(provider => provider.GetRequiredService<SimulatedFleet>())
            .AddSingleton<INodeStarter>(provider => provider.GetRequiredService<SimulatedFleet>()).AddHostedService<SimulatedFleetDriver>();
    }

    private static void AddAgents(IServiceCollection services, FleetOptions options, ClusterKey key)
    {
        services.AddSingleton(provider => new AgentFleet(
            new AgentClient(Http(options), key, options), Seeds(options, provider), options, provider.GetRequiredService<DataFolder>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AgentFleet>>()));
        services.AddSingleton<IFleet>(provider => provider.GetRequiredService<AgentFleet>()).AddHostedService<AgentFleetDriver>().AddHostedService<ModelRetention>();
    }

    private static HttpClient Http(FleetOptions options)
    {
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromMilliseconds(options.TimeoutMs), UseProxy = false };
        if (options.NodeCa.Length > 0)
        {
            var trust = TlsFiles.LoadTrust("--node-ca", options.NodeCa);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) => trust.Trusts(certificate, chain);
        }

        return new HttpClient(handler) { MaxResponseContentBufferSize = options.MaxAnswerBytes };
    }

    private static List<string> Seeds(FleetOptions options, IServiceProvider provider)
    {
        var local = provider.GetService<LocalClusterFile>();
        var bind = provider.GetService<LocalClusterOptions>()?.Bind;
        return [.. options.Seeds, .. (local?.Nodes ?? []).Select(n => $"{bind}:{n.AdminPort}")];
    }
}
