using ShardConsole.NodeAgent;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Options;

// Before any socket exists: completions run on the thread that polls, which halves the cost of a small request. So nothing may block on such a thread.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
var start = NodeOptionsReader.Read(args, Environment.GetEnvironmentVariable, builder.Configuration.GetSection(NodeOptions.Section));
if (start.Answer is { } answer)
{
    return answer();
}

try
{
    var options = start.Options;
    NodeStartup.ThrowOn(start.Problems);
    NodeStartup.ThrowOn(PortCheck.Problems(options));

    builder.Services.AddSingleton(options).AddSingleton(ClusterKey.Load(options)).AddSingleton(TimeProvider.System);
    builder.Services.AddLoad(options);

    // Store (its identity feeds GossipOptions.From), AddMembership, consensus, migration, routing and peers are added here; they supply IStatusSource and IAdminBackend.
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(options.BindAddress, options.AdminPort);

        // ClientPort and PeerPort are bound here, each to its ConnectionHandler.
    });

    await using var node = builder.Build();
    node.MapAdmin();
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
