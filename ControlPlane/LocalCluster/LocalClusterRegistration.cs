using Microsoft.AspNetCore.Hosting.Server;
using ShardConsole.ControlPlane.Fleet.Members;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>Adds the local cluster where one is asked for.</summary>
internal static class LocalClusterRegistration
{
    /// <summary>Starts <see cref="LocalClusterOptions.Nodes"/> node processes under <paramref name="dataFolder"/> with the host, unless that is 0.</summary>
    public static IServiceCollection AddLocalCluster(this IServiceCollection services, LocalClusterOptions options, string dataFolder)
    {
        if (options.Nodes == 0)
        {
            return services;
        }

        var file = LocalClusterFile.LoadOrCreate(dataFolder, options);
        return services.AddSingleton(file).AddSingleton(options)
            .AddSingleton(provider => new LocalClusterSupervisor(
                options, file, dataFolder, provider.GetRequiredService<IServer>(), provider.GetRequiredService<IHostApplicationLifetime>(),
                TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()))
            .AddSingleton<INodeStarter>(provider => provider.GetRequiredService<LocalClusterSupervisor>())
            .AddHostedService(provider => provider.GetRequiredService<LocalClusterSupervisor>());
    }
}
