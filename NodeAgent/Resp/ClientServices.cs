using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>What all client connections of the node share. Safe for concurrent use.</summary>
internal sealed class ClientServices(
    INodeView view, ILoadRecorder load, CommandTable commands, ClientProtocolOptions options, NodeFacts facts, TimeProvider clock, Random random) : IDisposable
{
    private readonly Lock randomGate = new();

    public INodeView View { get; } = view;

    public ILoadRecorder Load { get; } = load;

    public CommandTable Commands { get; } = commands;

    public ClientProtocolOptions Options { get; } = options;

    public NodeFacts Facts { get; } = facts;

    public TimeProvider Clock { get; } = clock;

    public CommandRouter Router { get; } = new(view);

    public ClientRegistry Clients { get; } = new();

    public ServerStats Stats { get; } = new(clock);

    public ConfigParameters Config { get; } = new(options, facts);

    public ReplySender Sender { get; } = new(hasThread: Environment.ProcessorCount > 1);

    /// <summary>Now, Unix milliseconds.</summary>
    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>63 random bits.</summary>
    public ulong NextRandom()
    {
        lock (randomGate)
        {
            return (ulong)random.NextInt64();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Sender.Dispose();
}
