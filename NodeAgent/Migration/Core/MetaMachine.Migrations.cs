using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>The life of a migration in the meta group's log.</summary>
internal sealed partial class MetaMachine
{
    private const string Cluster = "cluster";

    private MetaResult Begin(BeginMigration command, ulong index)
    {
        var known = State.Migrations.Values.Concat(State.Ended).FirstOrDefault(m => m.PlanHash == command.PlanHash && m.MoveNumber == command.MoveNumber);
        if (known is not null)
        {
            return new MetaResult(Accepted(known.Id), [], false);
        }

        if (WhyNotBegin(State, command.Segment, command.From, command.To) is { } refusal)
        {
            return new MetaResult(refusal, [], false);
        }

        var record = new MigrationRecord(index, command.PlanHash, command.MoveNumber, command.Segment, command.From, command.To)
            .Enter(MigrationPhase.Preparing, command.UnixMs, command.By, index, command.Reason);
        return Put(record);
    }

    /// <summary>Why a migration cannot begin in a state; null: it can. Also for asking before proposing.</summary>
    public static MetaAnswer? WhyNotBegin(MetaState state, SegmentId segment, ShardId from, ShardId to)
    {
        static MetaAnswer No(string error, string detail) => new(false, 0, error, detail);
        if (segment.Value >= state.Map.SegmentCount)
        {
            return No("not-owner", $"Segment {segment} is outside 0..{state.Map.SegmentCount - 1}.");
        }

        if (from == to)
        {
            return No("same-shard", $"Segment {segment} is asked to move from {from} to itself: name another target.");
        }

        if (state.Map.Find(to) is null)
        {
            return No("dead-node", $"The target {to} is not in the map of epoch {state.Map.Epoch}: name a shard that exists.");
        }

        if (state.BirthOf(to) is not null)
        {
            return No("not-born", $"The target {to} came with a node that joined and has not all its replicas yet: wait until it has.");
        }

        if (state.Retiring.Contains(to))
        {
            return No("retiring", $"The target {to} goes with its node: name another target, or end the drain.");
        }

        if (state.Map.OwnerOf(segment) != from)
        {
            return No("not-owner", $"Segment {segment} belongs to {state.Map.OwnerOf(segment)} since the map of epoch {state.Map.Epoch}, not to {from}: plan anew.");
        }

        if (state.Migrations.Values.FirstOrDefault(m => m.Segment == segment && !m.IsOver) is { } other)
        {
            return No("segment-under-way", other.Phase == MigrationPhase.Retaining
                ? $"Segment {segment} was moved by migration {other.Id}, whose source still keeps its copy: finish that retention or roll it back first."
                : $"Segment {segment} is moved by migration {other.Id} ({other.Phase}): wait for it or cancel it.");
        }

        if (state.Halted)
        {
            return No("halted", $"All migrations are halted by {state.HaltedBy}: resume first.");
        }

        return state.Migrations.Count >= MaxMigrations
            ? No("limit", $"{state.Migrations.Count} migrations are known, the limit is {MaxMigrations}: wait until some have ended.")
            : null;
    }

    private MetaResult On(ulong migration, Func<MigrationRecord, MetaResult> change)
    {
        if (State.Migrations.TryGetValue(migration, out var record))
        {
            return change(record);
        }

        return State.Find(migration) is { } ended
            ? TooLate(ended, "it has ended")
            : Refused(migration, "unknown-migration", $"Migration {migration} is not known: it never began, or it ended more than 30 days ago.");
    }

    private MetaResult Admit(MigrationRecord record, AdmitMigration command, ulong index) =>
        !record.IsOpen || record.Admitted ? TooLate(record, "it has a place or is over")
        : State.Halted ? Refused(record.Id, "halted", $"All migrations are halted by {State.HaltedBy}.")
        : State.WhyNoPlace(record) is { } full ? Refused(record.Id, "limit", full)
        : Put((record with { Admitted = true }).Note(command.UnixMs, Cluster, index, "A place is free"));

    private MetaResult Imported(MigrationRecord record, NoteImporting command, ulong index) => record.Phase != MigrationPhase.Preparing || !record.Admitted
        ? TooLate(record, "it is not preparing")
        : Put(record.Enter(MigrationPhase.Shadowing, command.UnixMs, Cluster, index, $"{record.To} has begun to receive"));

    private MetaResult Verify(MigrationRecord record, NoteVerified command, ulong index) => record.Phase != MigrationPhase.Shadowing
        ? TooLate(record, "it is not shadowing")
        : Put((record with { Verified = true }).Enter(MigrationPhase.Verifying, command.UnixMs, Cluster, index, "All bucket digests are equal"));

    private MetaResult CutOver(MigrationRecord record, AllowCutOver command, ulong index) =>
        State.Halted ? Refused(record.Id, "halted", $"All migrations are halted by {State.HaltedBy}.")
        : !rules.MayCutOver(record) ? TooLate(record, "its copy is not verified, or it is paused")
        : Put((record with { Copied = command.Copied }).Enter(MigrationPhase.CuttingOver, command.UnixMs, Cluster, index, "The target has caught up"));

    private MetaResult Commit(MigrationRecord record, CommitMigration command, ulong index)
    {
        if (!rules.MayCommit(record, command.ReadyIndex))
        {
            return TooLate(record, "it is not cutting over, or the target is not ready");
        }

        var map = State.Map.Apply(new SegmentMoved(record.Segment, record.To, record.Log[0].Reason));
        State = State with { Map = map };
        var result = Put((record with { Epoch = map.Epoch }).Enter(
            MigrationPhase.Retaining, command.UnixMs, Cluster, index, $"{record.To} owns the segment in epoch {map.Epoch}; it was ready at {command.ReadyIndex}"));
        return result with { MapChanged = true };
    }

    private MetaResult Activated(MigrationRecord record, NoteActivated command, ulong index) => record.Phase != MigrationPhase.Retaining || record.ActivatedUnixMs != 0
        ? TooLate(record, "it is not waiting for the target")
        : Put((record with { ActivatedUnixMs = command.UnixMs }).Note(command.UnixMs, Cluster, index, $"{record.To} serves"));

    private MetaResult Finish(MigrationRecord record, FinishMigration command, ulong index) => !rules.MayFinish(record)
        ? TooLate(record, "the target has not reported that it serves, or it is over")
        : Put(record.Enter(MigrationPhase.Cleaning, command.UnixMs, command.By, index, command.Reason));

    /// <summary>One entry ends the retention of a migration and begins its rollback, which has the id of the entry; a Done that comes later finds nothing to end.</summary>
    private MetaResult Return(MigrationRecord record, RollBack command, ulong index)
    {
        if (record.RolledBackBy != 0)
        {
            return new MetaResult(Accepted(record.RolledBackBy), [], false);
        }

        if (record.Base != 0)
        {
            return Refused(record.Id, "not-retained", $"Migration {record.Id} is itself the rollback of {record.Base}: move the segment by a new plan.");
        }

        if (!rules.MayRollBack(record))
        {
            return record.Phase == MigrationPhase.Retaining || record.IsOpen
                ? Refused(record.Id, "not-retained", $"Migration {record.Id} is {record.Phase}: its target does not serve yet. {(record.IsOpen ? "Cancel it instead." : "Ask again in a moment.")}")
                : TooLate(record, "the former owner's copy is kept no longer; move the segment back by a new plan");
        }

        if (State.Halted)
        {
            return Refused(record.Id, "halted", $"All migrations are halted by {State.HaltedBy}: resume first.");
        }

        var reason = command.Reason.Length == 0 ? $"Rolls back migration {record.Id}" : $"Rolls back migration {record.Id}: {command.Reason}";
        var undone = (record with { RolledBackBy = index }).Enter(MigrationPhase.RollingBack, command.UnixMs, command.By, index, reason);
        var back = new MigrationRecord(index, $"rollback:{record.Id}", 1, record.Segment, record.To, record.From) { Base = record.Id, Admitted = true }
            .Enter(MigrationPhase.Preparing, command.UnixMs, command.By, index, reason);
        State = State with { Migrations = State.Migrations.SetItem(undone.Id, undone).SetItem(back.Id, back) };
        return new MetaResult(Accepted(back.Id), [record.From, record.To], false);
    }

    private MetaResult Abort(MigrationRecord record, AbortMigration command, ulong index) => !record.IsOpen
        ? TooLate(record, record.IsOver ? "it is over" : "it is committed")
        : Put((record with { Paused = false }).Enter(MigrationPhase.Aborting, command.UnixMs, command.By, index, command.Reason));

    private MetaResult Pause(MigrationRecord record, PauseMigration command, ulong index)
    {
        if (!record.IsOpen || record.Phase == MigrationPhase.CuttingOver)
        {
            return TooLate(record, "pause and resume end with the cut-over");
        }

        if (record.Paused == command.Paused)
        {
            return new MetaResult(Accepted(record.Id), [], false);
        }

        var verb = command.Paused ? "Paused" : "Resumed";
        return Put((record with { Paused = command.Paused }).Note(command.UnixMs, command.By, index, command.Reason.Length == 0 ? verb : $"{verb}: {command.Reason}"));
    }

    private MetaResult End(MigrationRecord record, NoteEnded command, ulong index)
    {
        if (!record.IsOver || (command.Shard != record.From && command.Shard != record.To))
        {
            return TooLate(record, "it is not over, or does not concern that shard");
        }

        var next = record with
        {
            FromEnded = record.FromEnded || command.Shard == record.From,
            ToEnded = record.ToEnded || command.Shard == record.To,
            ClosedMicros = command.Shard == record.From && command.ClosedMicros > 0 ? command.ClosedMicros : record.ClosedMicros,
        };
        return next.FromEnded && next.ToEnded ? Forget(next, command.UnixMs, index) : Put(next);
    }

    private MetaResult Close(MigrationRecord record, NoteClosed command)
    {
        if (record.Epoch == 0 || record.ClosedMicros != 0 || command.Micros <= 0)
        {
            return TooLate(record, "how long its segment was closed is known, or it is not committed");
        }

        // Nobody acts upon it: no shard is told.
        return Put(record with { ClosedMicros = command.Micros }) with { Changed = [] };
    }

    /// <summary>Both groups have recorded the end: no entry of the migration can change anything any more.</summary>
    private MetaResult Forget(MigrationRecord record, long unixMs, ulong index)
    {
        var phase = record.Phase == MigrationPhase.Aborting ? MigrationPhase.Aborted : MigrationPhase.Done;
        var ended = record.Enter(phase, unixMs, Cluster, index, "Both shards have recorded the end");
        var kept = State.Ended;
        if (State.Migrations.TryGetValue(record.Base, out var undone))
        {
            // The end of the rollback raised both fences above it: nothing of it can change anything any more.
            kept = kept.Add(phase == MigrationPhase.Done
                ? undone.Enter(MigrationPhase.RolledBack, unixMs, Cluster, index, $"{undone.From} owns the segment again since epoch {record.Epoch}")
                : undone.Enter(MigrationPhase.Done, unixMs, Cluster, index, $"Its rollback {record.Id} was taken back; {undone.To} stays the owner"));
        }

        kept = kept.Add(ended);
        var first = 0;
        while (kept.Length - first > MaxEnded || kept[first].Log[^1].UnixMs < unixMs - RememberEndedMs)
        {
            first++;
        }

        State = State with { Migrations = State.Migrations.Remove(record.Id).Remove(record.Base), Ended = kept.RemoveRange(0, first) };
        return new MetaResult(Accepted(record.Id), [record.From, record.To], false);
    }

    private MetaResult Put(MigrationRecord record)
    {
        State = State with { Migrations = State.Migrations.SetItem(record.Id, record) };
        return new MetaResult(Accepted(record.Id), [record.From, record.To], false);
    }

    private static MetaResult TooLate(MigrationRecord record, string why) =>
        Refused(record.Id, "too-late", $"Migration {record.Id} of segment {record.Segment} is {record.Phase}: {why}.");
}
