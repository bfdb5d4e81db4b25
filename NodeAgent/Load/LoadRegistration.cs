using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>Adds counting, closing and reporting of load.</summary>
internal static class LoadRegistration
{
    /// <summary>
    /// Adds <see cref="ILoadRecorder"/>, <see cref="ILoadView"/> and, where a control plane is named, the posting of reports.
    /// Needs <see cref="IStatusSource"/>, <see cref="TimeProvider"/> and <see cref="ClusterKey"/>.
    /// </summary>
    public static IServiceCollection AddLoad(this IServiceCollection services, NodeOptions node)
    {
        var options = new LoadOptions { SamplesPerBucket = node.SamplesPerSecond };
        services.AddSingleton(options)
            .AddSingleton<NetworkCounter>()
            .AddSingleton<LoadRecorder>()
            .AddSingleton<ILoadRecorder>(provider => provider.GetRequiredService<LoadRecorder>())
            .AddSingleton(new ReportBuffer(node.ControlPlane.Length > 0 ? options.BufferedReports : 0))
            .AddSingleton(provider => new BucketCloser(
                options,
                provider.GetRequiredService<LoadRecorder>(),
                provider.GetRequiredService<ReportBuffer>(),
                provider.GetRequiredService<IStatusSource>(),
                provider.GetRequiredService<NetworkCounter>(),
                provider.GetRequiredService<TimeProvider>(),
                new Random(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue))))
            .AddSingleton<ILoadView>(provider => provider.GetRequiredService<BucketCloser>())
            .AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<BucketCloser>())
            .AddHostedService(provider => provider.GetRequiredService<BucketCloser>());
        return node.ControlPlane.Length == 0 ? services : services
            .AddSingleton(provider => new ReportClient(
                options,
                provider.GetRequiredService<ReportBuffer>(),
                Client(node, provider.GetRequiredService<ClusterKey>()),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ReportClient>>()))
            .AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<ReportClient>())
            .AddHostedService(provider => provider.GetRequiredService<ReportClient>());
    }

    private static HttpClient Client(NodeOptions node, ClusterKey key)
    {
        // A connection is dropped now and then, so that a name that points elsewhere is looked up again.
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseProxy = false };
        if (node.ControlPlaneCertificate.Length > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = ControlPlaneTrust.Load(node.ControlPlaneCertificate).Check;
        }

        var http = new HttpClient(handler)
        {
            BaseAddress = new Uri(node.ControlPlane),
        };
        http.DefaultRequestHeaders.Add(AdminRoutes.KeyHeader, key.Text);
        return http;
    }
}
