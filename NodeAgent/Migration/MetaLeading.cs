using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration;

/// <summary>The meta group's <see cref="MetaLeaderCore"/> while this node leads it.</summary>
internal sealed class MetaLeading(MigrationDriver driver, MetaReplica replica) : IMetaLeading
{
    private const int TickMs = 20;
    private const int PublishMs = 200;

    private MetaLeaderCore? core;
    private long tickedAt;
    private long publishedAt;
    private volatile IReadOnlyList<MigrationStatus>? published;

    /// <summary>All migrations that are known, newest first; with progress where this node leads. From any thread.</summary>
    public IReadOnlyList<MigrationStatus> Statuses => published ?? Known();

    /// <summary>True while this node leads the meta group and has to decide a cut-over.</summary>
    public bool IsClosingSegment => core is not null && replica.Machine.State.Migrations.Values.Any(m => m.Phase == Shared.Plans.MigrationPhase.CuttingOver);

    /// <summary>A message for the meta group's leader; ignored where this node does not lead.</summary>
    public void OnMessage(ShardMessage message) => core?.OnMessage(message, driver.NowMicros);

    /// <inheritdoc/>
    public void OnTerm(ulong servingTerm, long now)
    {
        core = servingTerm == 0 ? null : new MetaLeaderCore(replica.Machine, driver.Options, driver.NowMicros, driver.UnixMs);
        published = null;
    }

    /// <inheritdoc/>
    public void OnApplied(in Entry entry, MetaResult result)
    {
        core?.OnApplied(result, driver.NowMicros);
        Publish();
    }

    /// <inheritdoc/>
    public void OnStepped(long now)
    {
        if (core is null)
        {
            return;
        }

        if (now - tickedAt >= TickMs)
        {
            tickedAt = now;
            core.Tick(driver.NowMicros, driver.UnixMs);
        }

        var work = core.TakeWork();
        foreach (var command in work.Proposals)
        {
            if (command is CommitMigration)
            {
                Failpoint.Hit("map.commit.before");
            }

            replica.TryPropose(command);
        }

        foreach (var context in work.Reads)
        {
            replica.Confirm(replica.Core.Term, now, confirmed =>
            {
                if (confirmed)
                {
                    core?.OnRead(context, driver.NowMicros);
                }
            });
        }

        foreach (var message in work.Messages)
        {
            driver.Route(message);
        }

        if (now - publishedAt >= PublishMs)
        {
            publishedAt = now;
            Publish();
        }
    }

    private void Publish() => published = core?.Statuses();

    private IReadOnlyList<MigrationStatus> Known()
    {
        var state = replica.Machine.State;
        return [.. state.Migrations.Values.Concat(state.Ended).OrderByDescending(m => m.Id).Select(m => m.ToStatus(null, state.Limits.RetainSeconds, null))];
    }
}
