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
    private static readonly IReadOnlyDictionary<ulong, StreamProgress> NoProgress = new Dictionary<ulong, StreamProgress>();

    private MetaLeaderCore? core;
    private long tickedAt;
    private long publishedAt;
    private volatile IReadOnlyDictionary<ulong, StreamProgress> progress = NoProgress;
    private volatile Shown? shown;

    /// <summary>
    /// All migrations that are known, newest first; with progress where this node leads. From any thread, and made on it: the loop does not go through thousands of ended
    /// migrations whenever one of them changes.
    /// </summary>
    public IReadOnlyList<MigrationStatus> Statuses
    {
        get
        {
            var (state, figures) = (replica.Machine.State, progress);
            if (shown is not { } last || last.State != (object)state || last.Progress != figures)
            {
                shown = last = new Shown(state, figures, MetaLeaderCore.Statuses(state, figures));
            }

            return last.Statuses;
        }
    }

    /// <summary>True while this node leads the meta group and has to decide a cut-over.</summary>
    public bool IsClosingSegment => core is not null && replica.Machine.State.Migrations.Values.Any(m => m.Phase == Shared.Plans.MigrationPhase.CuttingOver);

    /// <summary>A message for the meta group's leader; ignored where this node does not lead.</summary>
    public void OnMessage(ShardMessage message) => core?.OnMessage(message, driver.NowMicros);

    /// <inheritdoc/>
    public void OnTerm(ulong servingTerm, long now)
    {
        core = servingTerm == 0 ? null : new MetaLeaderCore(replica.Machine, driver.Options, driver.NowMicros, driver.UnixMs);
        progress = NoProgress;
    }

    /// <inheritdoc/>
    public void OnApplied(in Entry entry, MetaResult result) => core?.OnApplied(result, driver.NowMicros);

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
            progress = core.Progress.Count == 0 ? NoProgress : new Dictionary<ulong, StreamProgress>(core.Progress);
        }
    }

    private sealed record Shown(MetaState State, IReadOnlyDictionary<ulong, StreamProgress> Progress, IReadOnlyList<MigrationStatus> Statuses);
}
