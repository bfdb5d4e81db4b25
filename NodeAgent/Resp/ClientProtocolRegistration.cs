using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>Registers what serves clients.</summary>
internal static class ClientProtocolRegistration
{
    /// <summary>
    /// Adds the command table, the executor of writes and the handler of the data port, which a Kestrel endpoint uses by
    /// <c>UseConnectionHandler&lt;ClientConnectionHandler&gt;()</c>. Needs <see cref="INodeView"/>, <see cref="ILoadRecorder"/>, <see cref="NodeFacts"/> and a <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddClientProtocol(this IServiceCollection services)
    {
        services.AddOptions<ClientProtocolOptions>().BindConfiguration(ClientProtocolOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClientProtocolOptions>, Validator>();
        services.AddSingleton(CommandTable.Default);
        services.AddSingleton<ICommandExecutor>(new CommandExecutor(CommandTable.Default));
        services.AddSingleton(node => new ClientServices(
            node.GetRequiredService<INodeView>(),
            node.GetRequiredService<ILoadRecorder>(),
            node.GetRequiredService<CommandTable>(),
            node.GetRequiredService<IOptions<ClientProtocolOptions>>().Value,
            node.GetRequiredService<NodeFacts>(),
            node.GetRequiredService<TimeProvider>(),
            new Random(RandomNumberGenerator.GetInt32(int.MaxValue))));
        services.AddSingleton<ClientConnectionHandler>();
        return services;
    }

    private sealed class Validator : IValidateOptions<ClientProtocolOptions>
    {
        public ValidateOptionsResult Validate(string? name, ClientProtocolOptions options)
        {
            var problems = options.Problems().ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
