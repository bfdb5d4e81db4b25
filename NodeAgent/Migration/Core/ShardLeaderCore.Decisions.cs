using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What follows from M's records for the segments of this shard.</summary>
internal sealed partial class ShardLeaderCore
{
    // Steps of the repeat guard that are not entries of the own group.
    private const int ReportStep = 100;

    private void DecideFor(SegmentId segment, long nowMicros)
    {
        foreach (var order in orders.Values.Where(o => o.Segment == segment).ToList())
        {
            Decide(order, nowMicros);
        }
    }

    private void Decide(MigrationOrder order, long nowMicros)
    {
        var segment = machine.Segment(order.Segment);
        if (order.To == machine.Shard)
        {
            DecideAsTarget(order, segment, nowMicros);
        }
        else if (order.From == machine.Shard)
        {
            DecideAsSource(order, segment, nowMicros);
        }
    }

    private void DecideAsTarget(MigrationOrder order, SegmentReplica segment, long nowMicros)
    {
        var imports = segment.State == SegmentState.Importing && segment.Migration == order.Id;
        if (order.Phase.CanCancel())
        {
            if (order.Admitted && !imports && order.Id > segment.Fence
                && (order.Base == 0 ? segment.State == SegmentState.Absent : segment.State == SegmentState.Retained && segment.Migration == order.Base))
            {
                Propose(ShardEntryKind.Importing, order.Id, ShardEntryCodec.Importing(segment.Id, order.Id, order.Base), nowMicros);
            }
            else if (imports)
            {
                ReportImport(order, segment, nowMicros);
            }
        }
        else if (order.Phase == MigrationPhase.Retaining)
        {
            // M says Commit: this comes before anything else, also when no client waits.
            if (imports && segment.Ready)
            {
                Decided(segment, machine.Shard);
                Propose(ShardEntryKind.Activate, order.Id, ShardEntryCodec.Activate(segment.Id, order.Id, order.Epoch, segment.SourceTimeMs), nowMicros);
            }
            else if (segment.State is SegmentState.Owned or SegmentState.Frozen && segment.Epoch >= order.Epoch && !order.Activated)
            {
                Ask(order.Id, new NoteActivated(0, order.Id), nowMicros);
            }

            // A rollback is not kept: nothing runs back from it.
            if (order is { Activated: true, Base: 0 } && segment.State == SegmentState.Owned && segment.Epoch == order.Epoch && segment.Fence == order.Id)
            {
                KeepStreamBack(order, segment, nowMicros);
            }
        }
        else if (order.Phase == MigrationPhase.RollingBack)
        {
            // The stream back goes on until that of the rollback takes over its effects.
        }
        else if (imports && order.Phase == MigrationPhase.Aborting)
        {
            Propose(ShardEntryKind.Drop, order.Id, ShardEntryCodec.Drop(segment.Id, SegmentState.Importing, order.Id), nowMicros);
        }
        else if (order is { Phase: MigrationPhase.Aborting, Base: not 0 } && segment.State == SegmentState.Retained && segment.Migration == order.Base)
        {
            // A rollback that ended before its Importing: the copy that it would have begun from goes.
            Propose(ShardEntryKind.Drop, order.Id, ShardEntryCodec.Drop(segment.Id, SegmentState.Retained, order.Base), nowMicros);
        }
        else
        {
            EndStream(order, segment.Id);
            RecordEnd(order, segment, order.ToEnded, nowMicros);
        }
    }

    private void ReportImport(MigrationOrder order, SegmentReplica segment, long nowMicros)
    {
        if (segment.Ready)
        {
            // Committed here, and it cannot be taken back: M may commit.
            Ask(order.Id, new CommitMigration(0, order.Id, segment.AppliedIndex), nowMicros);
        }
        else if (segment.Unequal)
        {
            Ask(order.Id, new AbortMigration(0, order.Id, machine.Shard.ToString(), "The digests at the freeze index differ"), nowMicros);
        }
        else if (order.Phase == MigrationPhase.Preparing)
        {
            Ask(order.Id, new NoteImporting(0, order.Id), nowMicros);
        }
        else if (order.Phase == MigrationPhase.Shadowing && segment.VerifiedIndex != 0)
        {
            Ask(order.Id, new NoteVerified(0, order.Id), nowMicros);
        }
    }

    private void DecideAsSource(MigrationOrder order, SegmentReplica segment, long nowMicros)
    {
        var frozen = segment.State == SegmentState.Frozen && segment.Migration == order.Id;
        if (order.Phase.CanCancel())
        {
            if (order.Phase == MigrationPhase.CuttingOver && segment.State == SegmentState.Owned && order.Id > segment.Fence)
            {
                Propose(ShardEntryKind.Freeze, order.Id, ShardEntryCodec.Freeze(segment.Id, order.Id), nowMicros);
            }

            if (order.Admitted && MayStream(order))
            {
                KeepStream(order, segment, frozen, nowMicros);
            }

            return;
        }

        EndStream(order, segment.Id);
        var committed = order.Phase is MigrationPhase.Retaining or MigrationPhase.Cleaning or MigrationPhase.RollingBack;
        if (committed && order.Activated)
        {
            NoteServed(order.Id, nowMicros);
        }

        if (frozen)
        {
            if (committed)
            {
                Decided(segment, order.To);
            }

            var entry = committed ? ShardEntryKind.Retained : ShardEntryKind.Unfreeze;
            Propose(entry, order.Id, committed ? ShardEntryCodec.Retained(segment.Id, order.Id) : ShardEntryCodec.Unfreeze(segment.Id, order.Id), nowMicros);
        }
        else if (order.Phase == MigrationPhase.Cleaning && segment.State == SegmentState.Retained && segment.Migration == order.Id)
        {
            Propose(ShardEntryKind.Drop, order.Id, ShardEntryCodec.Drop(segment.Id, SegmentState.Retained, order.Id), nowMicros);
        }
        else if (order.Phase is not (MigrationPhase.Retaining or MigrationPhase.RollingBack))
        {
            NoteServed(order.Id, nowMicros);
            RecordEnd(order, segment, order.FromEnded, nowMicros);
        }
    }

    /// <summary>
    /// True while the source has something to stream for a record: it serves the segment and has not entered a later migration, or is frozen for this one. Not before M knows
    /// that the target receives: a question that comes before the target's Importing is answered "not here", and is asked again only after a while.
    /// </summary>
    private bool MayStream(MigrationOrder order)
    {
        var segment = machine.Segment(order.Segment);
        return order.Phase.CanCancel() && order.Phase != MigrationPhase.Preparing
            && ((segment.State == SegmentState.Owned && order.Id > segment.Fence) || (segment.State == SegmentState.Frozen && segment.Migration == order.Id));
    }

    private void KeepStream(MigrationOrder order, SegmentReplica segment, bool frozen, long nowMicros)
    {
        if (!sources.TryGetValue(segment.Id, out var source) || source.Migration != order.Id)
        {
            // A rollback goes on where the stream back of what it undoes stands.
            var inherited = source is { IsBack: true } && source.Migration == order.Base ? source.Log : null;
            if (inherited is null)
            {
                source?.Stop();
            }
            else
            {
                source!.GiveUp();
            }

            source = sources[segment.Id] = new SourceStream(order, term, machine, options, nodeBudget, limits.StreamBytesPerSecond, hold, nowMicros, inherited);
        }

        source.Paused = order.Paused || limits.Halted;
        if (frozen)
        {
            frozenAt.TryAdd(order.Id, nowMicros);
        }

        if (source.Complaint is { } complaint)
        {
            Ask(order.Id, new AbortMigration(0, order.Id, machine.Shard.ToString(), complaint), nowMicros);
        }
    }

    private void KeepStreamBack(MigrationOrder order, SegmentReplica segment, long nowMicros)
    {
        if (!sources.TryGetValue(segment.Id, out var source))
        {
            source = sources[segment.Id] = new SourceStream(order, term, machine, options, nodeBudget, limits.StreamBytesPerSecond, hold, nowMicros);
        }

        source.Paused = limits.Halted;
        if (source is { IsBack: true, Complaint: { } complaint })
        {
            Ask(order.Id, new FinishMigration(0, order.Id) { By = machine.Shard.ToString(), Reason = complaint }, nowMicros);
        }
    }

    /// <summary>Who owns the segment is decided: clients that wait here are sent there, or wait for the own Activate.</summary>
    private void Decided(SegmentReplica segment, ShardId owner)
    {
        if (segment.DecidedOwner != owner)
        {
            hold(segment, s => s.DecidedOwner = owner);
            decided = true;
        }
    }

    /// <summary>The segment is served again: it was closed from Freeze until now.</summary>
    private void NoteServed(ulong migration, long nowMicros)
    {
        if (frozenAt.Remove(migration, out var since))
        {
            closedMicros[migration] = Math.Max(1, nowMicros - since);
            TellClosed(migration);
        }
    }

    /// <summary>Tells M, at once and with every look at its records until it has noted it. The end of a migration that was not committed says it too, and comes soon.</summary>
    private void TellClosed(ulong migration)
    {
        if (!closedNoted.Contains(migration) && orders.TryGetValue(migration, out var order) && order.Epoch != 0 && order.From == machine.Shard)
        {
            ToMeta(new ProposeToMeta(new NoteClosed(0, migration, closedMicros[migration])));
        }
    }

    private void EndStream(MigrationOrder order, SegmentId segment)
    {
        if (!sources.TryGetValue(segment, out var source) || source.Migration != order.Id)
        {
            return;
        }

        sources.Remove(segment);
        source.Stop();
    }

    /// <summary>The end is acknowledged by an entry of the own log, also where nothing of the migration is held; M is told when it is applied.</summary>
    private void RecordEnd(MigrationOrder order, SegmentReplica segment, bool acknowledged, long nowMicros)
    {
        if (acknowledged)
        {
            closedMicros.Remove(order.Id);
        }
        else if (segment.Ended >= order.Id)
        {
            Ask(order.Id, new NoteEnded(0, order.Id, machine.Shard, closedMicros.GetValueOrDefault(order.Id)), nowMicros);
        }
        else if (segment.State is SegmentState.Absent or SegmentState.Owned)
        {
            Propose(ShardEntryKind.End, order.Id, ShardEntryCodec.End(segment.Id, order.Id), nowMicros);
        }
    }

    private void Report(long nowMicros)
    {
        var due = nowMicros - progressAt >= options.ProgressMs * 1000L;
        if (due)
        {
            progressAt = nowMicros;
        }

        foreach (var source in sources.Values)
        {
            if (!orders.TryGetValue(source.Migration, out var order) || !(source.IsBack ? order.Phase == MigrationPhase.Retaining : order.Phase.CanCancel()))
            {
                continue;
            }

            // M waits for a close target while it verifies; being close then, or being about to verify, is worth a report of its own.
            var close = order.Phase is MigrationPhase.Shadowing or MigrationPhase.Verifying && !source.Paused && source.IsClose && guard.MayTake(ReportStep, order.Id, nowMicros);
            if (due || close)
            {
                ToMeta(source.Progress(nowMicros, frozenAt.TryGetValue(order.Id, out var since) ? nowMicros - since : closedMicros.GetValueOrDefault(order.Id)));
            }
        }
    }

    private void Propose(ShardEntryKind kind, ulong migration, byte[] entry, long nowMicros)
    {
        if (guard.MayTake((int)kind, migration, nowMicros))
        {
            proposals.Add(entry);
        }
    }

    private void Ask(ulong migration, MetaCommand command, long nowMicros)
    {
        if (guard.MayTake(ReportStep + 1 + StepOf(command), migration, nowMicros))
        {
            ToMeta(new ProposeToMeta(command));
        }
    }

    private static int StepOf(MetaCommand command) => command switch
    {
        NoteImporting => 1,
        NoteVerified => 2,
        CommitMigration => 3,
        NoteActivated => 4,
        NoteEnded => 5,
        FinishMigration => 7,
        _ => 6,
    };
}
