using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.NodeAgent.Migration;

/// <summary>A shard's <see cref="ShardLeaderCore"/> while this node leads it.</summary>
internal sealed class ShardLeading(MigrationDriver driver, ShardReplica replica) : IShardLeading
{
    private const int BusyTickMs = 20;

    private ShardLeaderCore? core;
    private long tickedAt;
    private bool wasClosing;

    /// <summary>True while a segment is closed here, or about to be: nothing slow must happen.</summary>
    public bool IsClosingSegment => core is { IsClosing: true };

    /// <summary>True while segments are sent from here to another shard.</summary>
    public bool Streams => core is { Streams: true };

    /// <summary>A message for the shard's leader; ignored where this node does not lead.</summary>
    public void OnMessage(ShardMessage message) => core?.OnMessage(message, driver.NowMicros);

    /// <inheritdoc/>
    public void OnTerm(ulong servingTerm, long now)
    {
        core?.Leave();
        core = servingTerm == 0 ? null : new ShardLeaderCore(
            replica.Machine, servingTerm, driver.Options, driver.Budget, driver.NowMicros, (segment, action) =>
            {
                lock (replica.Gate(segment.Id))
                {
                    action(segment);
                }
            });
    }

    /// <inheritdoc/>
    public void OnApplied(in Entry entry, in ApplyResult result) => core?.OnApplied(result, driver.NowMicros);

    /// <inheritdoc/>
    public void OnStepped(long now)
    {
        if (core is null)
        {
            return;
        }

        var micros = driver.NowMicros;
        if (core.IsBusy && now - tickedAt >= BusyTickMs)
        {
            tickedAt = now;
            core.Tick(micros);
        }

        if (core.IsClosing != wasClosing)
        {
            wasClosing = core.IsClosing;
            driver.KeepQuiet();
        }

        var work = core.TakeWork(micros);
        foreach (var entry in work.Proposals)
        {
            replica.TryProposeControl(entry);
        }

        foreach (var message in work.Messages)
        {
            driver.Route(message);
        }

        foreach (var alarm in work.Alarms)
        {
            driver.Alarm(alarm);
        }

        if (work.Decided)
        {
            driver.WakeClients();
        }
    }
}
