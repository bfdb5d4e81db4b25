using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Options;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// What a node that is asked to stop does before its ports close: says good-bye by gossip, so that nobody gives leadership back to it, and hands every
/// group that it leads to another replica. Takes <see cref="NodeOptions.DrainMs"/> at most; what is not handed over then is left to an election.
/// </summary>
internal sealed partial class HandOver(NodeOptions options, NodeHost host, IMembership membership, TimeProvider time, ILogger<HandOver> log) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await membership.LeaveAsync(cancellationToken);
        var left = await host.HandOverAsync().WaitAsync(cancellationToken);
        while (left > 0 && time.GetElapsedTime(began).TotalMilliseconds < options.DrainMs)
        {
            await Task.Delay(Pause, time, cancellationToken);
            left = await host.HandOverAsync().WaitAsync(cancellationToken);
        }

        if (left > 0)
        {
            Kept(log, left, options.DrainMs);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stops while it leads {Groups} groups that could not be handed over within {DrainMs} ms: they elect new leaders")]
    private static partial void Kept(ILogger logger, int groups, int drainMs);
}
