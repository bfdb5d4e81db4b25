using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using ShardConsole.NodeAgent;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.AntiEntropy;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Inspection;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Migration;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Resp;

// Before any socket exists: completions run on the thread that polls, which halves the cost of a small request. So nothing may block on such a thread.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

// Before any thread exists: they inherit it.
_ = ThreadScheduling.PreferBatches();

if (InspectionCommands.TryRun(args, Console.Out, Console.Error) is { } inspected)
{
    return inspected;
}

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
var start = NodeOptionsReader.Read(args, Environment.GetEnvironmentVariable, builder.Configuration.GetSection(NodeOptions.Section));
if (start.Answer is { } answer)
{
    return answer();
}

try
{
    var options = start.Options;
    var problems = start.Problems.ToList();
    var failpoints = FailpointRule.Parse(Environment.GetEnvironmentVariable("SHARDCONSOLE_FAILPOINT") ?? "", problems);
    NodeStartup.ThrowOn(problems);
    Failpoint.Arm(failpoints);
    NodeStartup.ThrowOn(PortCheck.Problems(options));

    var tls = options.TlsCertificate.Length > 0 ? TlsFiles.Load(options.TlsCertificate, options.TlsKey, TimeProvider.System.GetUtcNow()) : null;
    var trust = options.TlsCa.Length > 0 ? TlsFiles.LoadTrust("--tls-ca", options.TlsCa) : null;
    var key = ClusterKey.Load(options);
    using var store = NodeRegistration.OpenStore(options);
    KeyFingerprint.Check(options, key, store.Identity.ClusterId.Length > 0);
    builder.Services.AddSingleton(options).AddSingleton(key).AddSingleton(TimeProvider.System);
    builder.Services.AddLoad(options);
    builder.Services.AddClientProtocol();
    builder.Services.AddNode(options, store, key, trust);
    builder.Services.AddMigration();
    builder.Services.AddAntiEntropy(options);
    builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
    builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        void Secure(ListenOptions listen, bool wanted)
        {
            if (wanted && tls is not null)
            {
                listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (tls.Certificate, tls.Chain));
            }
        }

        kestrel.Listen(options.BindAddress, options.AdminPort, listen => Secure(listen, trust is not null));
        kestrel.Listen(options.BindAddress, options.ClientPort, listen =>
        {
            Secure(listen, wanted: true);
            listen.UseConnectionHandler<ClientConnectionHandler>();
        });
        kestrel.Listen(options.BindAddress, options.PeerPort, listen =>
        {
            Secure(listen, trust is not null);
            listen.UseConnectionHandler<PeerConnectionHandler>();
        });
    });

    await using var node = builder.Build();
    node.MapAdmin();
    node.Services.StartNode();
    using var pidFile = PidFile.Write(options.PidFile);
    await node.RunAsync();
    return Environment.ExitCode;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return StartupException.ExitCode;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return StartupException.ExitCode;
}
