using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>The state machine of the meta group. Each entry is gated by the state as it is when it is applied; the same on every replica.</summary>
internal sealed partial class MetaMachine(MetaRules? rules = null)
{
    /// <summary>How long an ended move is remembered, so that it is not begun again.</summary>
    public const long RememberEndedMs = 30L * 24 * 3600 * 1000;

    /// <summary>Ended migrations that are kept for the operator at most.</summary>
    public const int MaxEnded = 4096;

    /// <summary>Migrations that may be known at once, queued ones included.</summary>
    public const int MaxMigrations = 1024;

    /// <summary>Answers of named requests that are kept.</summary>
    public const int MaxAnswered = 256;

    private readonly MetaRules rules = rules ?? MetaRules.Standard;

    /// <summary>Immutable; swapped whole by each applied entry. Safe to read from any thread.</summary>
    public MetaState State { get; private set; } = MetaState.Empty;

    /// <summary>Takes over a snapshot's state.</summary>
    public void Restore(MetaState state) => State = state;

    /// <summary>Applies the next entry; entries at or below the state's applied index are skipped.</summary>
    /// <exception cref="InvalidDataException">The entry is no command of this version: the group must stop.</exception>
    public MetaResult Apply(in Entry entry)
    {
        if (entry.Index <= State.AppliedIndex)
        {
            return MetaResult.Foreign;
        }

        var result = MetaResult.Foreign;
        if (entry.Kind == EntryKind.Normal && !entry.Data.IsEmpty)
        {
            var command = MetaCommand.Decode(entry.Data.Span)
                ?? throw new InvalidDataException($"Entry {entry.Index} of the meta group is no command that this version knows: a newer version wrote it, or the log is damaged.");
            result = ApplyOnce(command, entry.Index);
        }

        State = State with { AppliedIndex = entry.Index };
        return result;
    }

    private MetaResult ApplyOnce(MetaCommand command, ulong index)
    {
        if (command.RequestId.Length > 0 && State.Answered.FirstOrDefault(a => a.RequestId == command.RequestId) is { } before)
        {
            return new MetaResult(before.Answer, [], false);
        }

        var result = ApplyCommand(command, index);
        if (command.RequestId.Length > 0)
        {
            var answered = State.Answered.Add(new AnsweredRequest(command.RequestId, result.Answer));
            State = State with { Answered = answered.Length > MaxAnswered ? answered.RemoveAt(0) : answered };
        }

        return result;
    }

    private MetaResult ApplyCommand(MetaCommand command, ulong index) => command switch
    {
        FoundCluster c => Found(c),
        BeginMigration c => Begin(c, index),
        ChangeHalt c => Halt(c),
        ChangeLimits c => Limit(c),
        SetReplicas c => Set(c, index),
        NoteReplicas c => OnReplicas(c.Change, r => Note(r, c, index)),
        SetLeader c => Lead(c),
        CancelReplicas c => OnReplicas(c.Change, r => Cancel(r, c, index)),
        MemberJoined c => Join(c, index),
        NoteBorn c => Born(c),
        RemoveShard c => Remove(c),
        MemberLeft c => Leave(c),
        DrainMember c => Drain(c, index),
        RaiseLevel c => Raise(c, index),
        AdmitMigration c => On(c.Migration, r => Admit(r, c, index)),
        NoteImporting c => On(c.Migration, r => Imported(r, c, index)),
        NoteVerified c => On(c.Migration, r => Verify(r, c, index)),
        AllowCutOver c => On(c.Migration, r => CutOver(r, c, index)),
        CommitMigration c => On(c.Migration, r => Commit(r, c, index)),
        NoteActivated c => On(c.Migration, r => Activated(r, c, index)),
        FinishMigration c => On(c.Migration, r => Finish(r, c, index)),
        AbortMigration c => On(c.Migration, r => Abort(r, c, index)),
        RollBack c => On(c.Migration, r => Return(r, c, index)),
        NoteEnded c => On(c.Migration, r => End(r, c, index)),
        NoteClosed c => On(c.Migration, r => Close(r, c)),
        PauseMigration c => On(c.Migration, r => Pause(r, c, index)),
        _ => throw new InvalidDataException($"Entry {index} of the meta group is a {command.GetType().Name}, which this version does not apply."),
    };

    private MetaResult Found(FoundCluster command)
    {
        if (State.Genesis is not null)
        {
            return Refused(0, "founded", $"The cluster {State.Genesis.ClusterId} is founded already.");
        }

        State = State with { Genesis = command.Genesis, Map = command.Genesis.Map, Members = command.Genesis.Members, MetaReplicas = command.Genesis.MetaVoters };
        return new MetaResult(Accepted(0), [], true);
    }

    private MetaResult Halt(ChangeHalt command)
    {
        State = State with { Halted = command.Halted, HaltedBy = command.Halted ? command.By : "" };
        return new MetaResult(Accepted(0), Concerned(), false);
    }

    private MetaResult Limit(ChangeLimits command)
    {
        var l = command.Limits;
        if (l.MaxConcurrentMoves < 0 || l.NodeBytesPerSecond < 1 || l.ClusterBytesPerSecond < 1 || l.ClientP99GuardMicros < 0 || l.RetainSeconds < 0 || l.CutOverLimitMs < 1
            || l.MaxNodeMoves < 0 || l.BatchSegments < 1)
        {
            return Refused(0, "limit", $"The limits {l} hold a value below its range: rates, the cut-over limit and the batch begin at 1, the others at 0.");
        }

        State = State with { Limits = l };
        return new MetaResult(Accepted(0), Concerned(), false);
    }

    private ImmutableArray<ShardId> Concerned() => [.. State.Migrations.Values.SelectMany(m => new[] { m.From, m.To }).Distinct().Order()];

    private static MetaAnswer Accepted(ulong migration) => new(true, migration, null, null);

    private static MetaResult Refused(ulong migration, string error, string detail) => new(new MetaAnswer(false, migration, error, detail), [], false);
}
