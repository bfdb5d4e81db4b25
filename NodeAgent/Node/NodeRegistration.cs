using System.Security.Cryptography;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.AntiEntropy;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Migration;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Replicas;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Security;

namespace ShardConsole.NodeAgent.Node;

/// <summary>Adds the node itself: store, groups, founding, what it says of itself.</summary>
internal static class NodeRegistration
{
    /// <summary>Opens the store of the data folder; a new folder gets an identity of its own.</summary>
    /// <exception cref="StartupException">It cannot be opened: the sentence says why and what to do.</exception>
    public static NodeStore OpenStore(NodeOptions options)
    {
        var opening = NodeStore.Open(
            new StoreOptions { Folder = options.Data },
            () => 1 + (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) % (ulong.MaxValue / 2)));
        return opening.Store ?? throw new StartupException(opening.Message);
    }

    /// <summary>Adds everything of the node; <paramref name="trust"/>: whom it trusts when it calls its peers over TLS, null where it calls them plainly. <paramref name="store"/> is the caller's to close, after the services: the writer uses it until its last batch.</summary>
    public static IServiceCollection AddNode(this IServiceCollection services, NodeOptions options, NodeStore store, ClusterKey key, TlsTrust? trust = null) => services
        .AddSingleton(store)
        .AddSingleton(new NodeFacts(
            options.Bind, options.ClientPort, options.Data, options.MaxMemoryBytes, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))))
        .AddMembership(_ => GossipOptions.From(options, store.Identity.Node, store.Identity.ClusterId, key))
        .AddSingleton(p => new ClusterKnowledge(store.Identity.Node, p.GetRequiredService<IMembership>()))
        .AddSingleton<INodeView>(p => p.GetRequiredService<ClusterKnowledge>())
        .AddSingleton(p => new PeerHub(
            store.Identity.Node, key.Bytes.ToArray(), new PeerOptions(),
            peer => NodeHost.Resolve(p.GetRequiredService<IMembership>(), p.GetRequiredService<ClusterKnowledge>(), peer), p.GetRequiredService<TimeProvider>(), trust))
        .AddSingleton<PeerConnectionHandler>()
        .AddSingleton(p => new NodeHost(
            options, store, p.GetRequiredService<ClusterKnowledge>(), p.GetRequiredService<IMembership>(), p.GetRequiredService<PeerHub>(),
            p.GetRequiredService<ILoadRecorder>(), p.GetRequiredService<ICommandExecutor>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<NodeHost>>()))
        .AddSingleton<IStatusSource, NodeStatusSource>()
        .AddSingleton<IAdminBackend>(p => new AdminBackend(
            p.GetRequiredService<NodeHost>(), p.GetRequiredService<ClusterKnowledge>(), p.GetRequiredService<IMembership>(), p.GetRequiredService<IStatusSource>(),
            p.GetRequiredService<ILoadView>(), p.GetRequiredService<IMigrationView>(), p.GetRequiredService<ReplicaDriver>(), p.GetRequiredService<AntiEntropyDriver>(), store.Identity.Boot, options.Name, p.GetRequiredService<TimeProvider>()))
        .AddSingleton<IMetricsSource, NodeMetrics>()
        .AddSingleton(new ReplicaOptions { ReplaceDeadMs = options.ReplaceDeadSeconds * 1000L })
        .AddSingleton<ReplicaDriver>()
        .AddSingleton<FoundingService>().AddHostedService(p => p.GetRequiredService<FoundingService>())
        .AddHostedService<JoinService>()
        .AddSingleton<StateExchange>().AddHostedService(p => p.GetRequiredService<StateExchange>())
        .AddHostedService<GossipPublisher>()
        .AddHostedService<HandOver>();

    /// <summary>Registers the receivers of frames and starts the node's threads; before the ports are open.</summary>
    public static void StartNode(this IServiceProvider services)
    {
        services.GetRequiredService<FoundingService>().Listen();
        services.GetRequiredService<StateExchange>().Listen();
        var migrations = services.GetRequiredService<MigrationDriver>();
        migrations.Listen();
        var replicas = services.GetRequiredService<ReplicaDriver>();
        replicas.Listen();
        services.GetRequiredService<AntiEntropyDriver>().Listen();
        var host = services.GetRequiredService<NodeHost>();
        host.Replicas = replicas;
        host.Migrations = migrations;
        var sender = services.GetRequiredService<ClientServices>().Sender;
        if (!sender.HasThread)
        {
            sender.IsSentByPoster = () => host.Loop.IsRunningHere;
            host.Loop.Applied += sender.SendPosted;
        }

        host.Start();
    }
}
