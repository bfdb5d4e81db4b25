using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What M's leader owes to the world.</summary>
/// <param name="Proposals">Commands for M's own log, in this order. A refused one is forgotten; it comes again while it is needed.</param>
/// <param name="Messages">For the leaders of shards.</param>
/// <param name="Reads">Read-index requests to make of M's Raft core; when one is confirmed and applied: <see cref="MetaLeaderCore.OnRead"/>.</param>
internal sealed record MetaWork(IReadOnlyList<MetaCommand> Proposals, IReadOnlyList<ShardMessage> Messages, IReadOnlyList<ulong> Reads)
{
    public static readonly MetaWork None = new([], [], []);
}

/// <summary>
/// The duties of M's leader, for one term: admits what waits for a place, decides when to cut over, limits how long a segment is closed, commits what is ready, ends what is
/// done, answers questions after a read-index, hints at changes. Made after it has applied an entry of its own term. Called from the loop thread.
/// </summary>
internal sealed class MetaLeaderCore
{
    /// <summary>Questions that wait for their read-index at most; beyond it the oldest are dropped, they are asked again.</summary>
    public const int MaxQuestions = 1024;

    private readonly MetaMachine machine;
    private readonly MigrationOptions options;
    private readonly RepeatGuard guard;
    private readonly Dictionary<ulong, StreamProgress> progress = [];
    private readonly Dictionary<ulong, long> predictedMs = [];
    private readonly Dictionary<ulong, long> heardAt = [];
    private readonly Dictionary<ulong, long> cuttingSince = [];
    private readonly Dictionary<ulong, List<(GroupId From, AskRecords Question)>> waiting = [];
    private readonly HashSet<ulong> wantsCutOver = [];
    private readonly CutOverPlaces closing;
    private List<(GroupId From, AskRecords Question)> asked = [];

    private List<MetaCommand> proposals = [];
    private List<ShardMessage> messages = [];
    private ulong context;
    private bool wantsRead;

    // One look for all that has come in a round: with a hundred segments under way a look at each entry would cost a hundred times as much.
    private bool reviewDue;
    private long seenAt;

    // The ended migrations as of the last time when what is kept beside them was gone through.
    private ImmutableArray<MigrationRecord> forgotten = [];
    private long unixMs;
    private long unixAtMicros;

    public MetaLeaderCore(MetaMachine machine, MigrationOptions options, long nowMicros, long unixMs)
    {
        (this.machine, this.options) = (machine, options);
        guard = new RepeatGuard(options.RepeatMs * 1000L);
        closing = new CutOverPlaces(options);
        (this.unixMs, unixAtMicros) = (unixMs, nowMicros);
        Review(nowMicros);
    }

    /// <summary>Figures that sources reported to this leader, by migration.</summary>
    public IReadOnlyDictionary<ulong, StreamProgress> Progress => progress;

    /// <summary>All migrations that a state knows, newest first, with the progress of those of which some is given.</summary>
    public static ImmutableArray<MigrationStatus> Statuses(MetaState state, IReadOnlyDictionary<ulong, StreamProgress> progress)
    {
        var error = state.EtaError();
        return [.. state.Migrations.Values.Concat(state.Ended).OrderByDescending(m => m.Id)
            .Select(m => m.ToStatus(progress.GetValueOrDefault(m.Id), state.Limits.RetainSeconds, error))];
    }

    /// <summary>Why a migration should not even be proposed, as far as only this node can tell; null: propose it, the gate decides.</summary>
    public MetaAnswer? WhyNotStart(StartMigration request, Func<NodeId, bool> isAlive)
    {
        var state = machine.State;
        if (state.Migrations.Values.Concat(state.Ended).Any(m => m.PlanHash == request.PlanHash && m.MoveNumber == request.MoveNumber))
        {
            return null;
        }

        var alive = state.Map.Find(request.To)?.Replicas.Count(isAlive) ?? 0;
        var replicas = state.Map.Find(request.To)?.Replicas.Length ?? 0;
        return replicas > 0 && alive <= replicas / 2
            ? new MetaAnswer(false, 0, "dead-node", $"Only {alive} of the {replicas} nodes of the target {request.To} are alive: bring them back or name another target.")
            : null;
    }

    /// <summary>A message for M's leader.</summary>
    public void OnMessage(ShardMessage message, long nowMicros)
    {
        switch (message.Body)
        {
            case AskRecords question:
                asked.Add((message.From, question));
                if (asked.Count > MaxQuestions)
                {
                    asked.RemoveAt(0);
                }

                break;

            case StreamProgress report when machine.State.Migrations.ContainsKey(report.Migration):
                progress[report.Migration] = report;
                heardAt[report.Migration] = nowMicros;
                Predict(report, nowMicros);
                (reviewDue, seenAt) = (true, nowMicros);
                break;

            case ClientsWait wait:
                closing.NoteClients(wait.P99Micros);
                break;

            case ProposeToMeta { Command: NoteClosed closed }:
                OnClosed(message.From, closed, nowMicros);
                break;

            case ProposeToMeta { Command: NoteImporting or NoteVerified or CommitMigration or NoteActivated or NoteEnded or AbortMigration
                or FinishMigration } proposal:
                proposals.Add(proposal.Command with { UnixMs = Unix(nowMicros), RequestId = "" });
                break;
        }
    }

    /// <summary>An entry of M was applied.</summary>
    public void OnApplied(MetaResult result, long nowMicros)
    {
        var pushed = Pushed(result.Answer.MigrationId);
        foreach (var shard in result.Changed)
        {
            messages.Add(new ShardMessage(GroupId.Meta, GroupId.Of(shard), pushed ?? (MigrationMessage)RecordsChanged.Instance));
        }

        closing.NoteChanged(machine.State, result.Answer.MigrationId, nowMicros);
        if (!result.Changed.IsEmpty)
        {
            (reviewDue, seenAt) = (true, nowMicros);
        }
    }

    /// <summary>A read-index was confirmed, and M has applied it.</summary>
    public void OnRead(ulong confirmed, long nowMicros)
    {
        foreach (var key in waiting.Keys.Where(k => k <= confirmed).ToList())
        {
            waiting.Remove(key, out var questions);
            foreach (var (from, question) in questions!)
            {
                messages.Add(new ShardMessage(GroupId.Meta, from, Answer(from.Shard, question)));
            }
        }

        foreach (var id in wantsCutOver.ToList())
        {
            if (machine.State.Migrations.TryGetValue(id, out var record) && IsCloseEnough(record))
            {
                proposals.Add(new AllowCutOver(Unix(nowMicros), id) { Copied = Summary(record, nowMicros) });
            }
        }

        wantsCutOver.Clear();
    }

    /// <summary>Time has passed.</summary>
    public void Tick(long nowMicros, long nowUnixMs)
    {
        (unixMs, unixAtMicros) = (nowUnixMs, nowMicros);
        closing.Tick(machine.State, nowMicros);
        Review(nowMicros);
        Forget();
    }

    /// <summary>Hands out all that is owed.</summary>
    public MetaWork TakeWork()
    {
        if (reviewDue)
        {
            Review(seenAt);
        }

        var reads = new List<ulong>();
        if (asked.Count > 0 || wantsRead)
        {
            reads.Add(++context);
            waiting[context] = asked;
            waiting.Remove(context - MaxQuestions);
            asked = [];
            wantsRead = false;
        }

        if (proposals.Count + messages.Count + reads.Count == 0)
        {
            return MetaWork.None;
        }

        var work = new MetaWork(proposals, messages, reads);
        (proposals, messages) = ([], []);
        return work;
    }

    /// <summary>What the log has is acknowledged; what it may not hold yet, while a member could not read it, is said again.</summary>
    private void OnClosed(GroupId from, NoteClosed closed, long nowMicros)
    {
        if (!machine.State.Migrations.TryGetValue(closed.Migration, out var record) || record.ClosedMicros != 0)
        {
            messages.Add(new ShardMessage(GroupId.Meta, from, new ClosedNoted(closed.Migration)));
        }
        else if (machine.State.Level >= closed.Level)
        {
            proposals.Add(closed with { UnixMs = Unix(nowMicros), RequestId = "" });
        }
    }

    private RecordsAnswer Answer(ShardId shard, AskRecords question)
    {
        var state = machine.State;
        var orders = state.Migrations.Values.Where(m => m.From == shard || m.To == shard || question.Held.Contains(m.Id)).Select(m => m.ToOrder());
        return new RecordsAnswer(question.Question, state.AppliedIndex, [.. orders], Limits(state));
    }

    /// <summary>What a change of one record tells the shards at once; null where it is forgotten, or the change is none of a record's.</summary>
    private RecordsPushed? Pushed(ulong migration)
    {
        var state = machine.State;
        return !state.Migrations.TryGetValue(migration, out var record) ? null
            : new RecordsPushed(
                state.AppliedIndex, state.Migrations.TryGetValue(record.Base, out var undone) ? [undone.ToOrder(), record.ToOrder()] : [record.ToOrder()], Limits(state));
    }

    private static CopyLimits Limits(MetaState state) => new(Math.Max(1, state.StreamBytesPerSecond), state.Limits.NodeBytesPerSecond, state.Halted);

    /// <summary>Keeps the first prediction that means something, to be held against what comes.</summary>
    private void Predict(StreamProgress report, long nowMicros)
    {
        if (report is { EtaSeconds: { } eta, TotalBytes: > 0 } && report.CopiedBytes * 10 >= report.TotalBytes && !predictedMs.ContainsKey(report.Migration))
        {
            predictedMs[report.Migration] = Math.Max(1, CopyMs(machine.State.Migrations[report.Migration], nowMicros) + (long)(eta * 1000));
        }
    }

    private CopySummary? Summary(MigrationRecord record, long nowMicros) => progress.TryGetValue(record.Id, out var last)
        ? new CopySummary(last.TotalKeys, last.TotalBytes, CopyMs(record, nowMicros), predictedMs.GetValueOrDefault(record.Id))
        : null;

    private long CopyMs(MigrationRecord record, long nowMicros)
    {
        var begun = record.Log.FirstOrDefault(e => e.Phase == MigrationPhase.Shadowing)?.UnixMs ?? Unix(nowMicros);
        var verified = record.Log.FirstOrDefault(e => e.Phase == MigrationPhase.Verifying)?.UnixMs ?? Unix(nowMicros);
        return Math.Max(0, verified - begun);
    }

    /// <summary>Gives free places away, oldest first; what the gate would refuse is not even proposed.</summary>
    private void Admit(MetaState state, long nowMicros)
    {
        var full = new HashSet<(ShardId From, ShardId To)>();
        foreach (var record in state.Migrations.Values.Where(m => m.IsOpen && !m.Admitted).ToList())
        {
            if (full.Contains((record.From, record.To)))
            {
                continue;
            }

            if (state.WhyNoPlace(record) is not null)
            {
                full.Add((record.From, record.To));
                continue;
            }

            Propose(1, new AdmitMigration(Unix(nowMicros), record.Id), record.Id, nowMicros);
            state = state with { Migrations = state.Migrations.SetItem(record.Id, record with { Admitted = true }) };
        }
    }

    private void Review(long nowMicros)
    {
        reviewDue = false;
        var state = machine.State;
        if (!state.Halted)
        {
            Admit(state, nowMicros);
        }

        foreach (var record in state.Migrations.Values)
        {
            if (record.IsOpen && !record.Admitted)
            {
                continue;
            }

            if (record.IsOpen)
            {
                ReviewOpen(record, nowMicros);
            }
            else if (record.RetainUntil(state.Limits.RetainSeconds) is > 0 and var until && Unix(nowMicros) >= until)
            {
                Propose(2, new FinishMigration(Unix(nowMicros), record.Id), record.Id, nowMicros);
            }
        }

    }

    private void Forget()
    {
        var state = machine.State;
        guard.Keep(state.Migrations.ContainsKey);
        foreach (var id in heardAt.Keys.Where(id => !state.Migrations.ContainsKey(id)).ToList())
        {
            heardAt.Remove(id);
            cuttingSince.Remove(id);
        }

        if (state.Ended == forgotten)
        {
            return;
        }

        forgotten = state.Ended;
        var ended = forgotten.Select(m => m.Id).ToHashSet();
        foreach (var id in progress.Keys.Where(id => !state.Migrations.ContainsKey(id) && !ended.Contains(id)).ToList())
        {
            progress.Remove(id);
            predictedMs.Remove(id);
        }
    }

    private void ReviewOpen(MigrationRecord record, long nowMicros)
    {
        heardAt.TryAdd(record.Id, nowMicros);
        if (record.Paused || machine.State.Halted)
        {
            heardAt[record.Id] = nowMicros;
        }

        if (record.Phase == MigrationPhase.CuttingOver)
        {
            closing.NoteClosing(record.Id, nowMicros);
            cuttingSince.TryAdd(record.Id, nowMicros);
            var limitMs = machine.State.Limits.CutOverLimitMs;
            if (nowMicros - cuttingSince[record.Id] >= limitMs * 1000L)
            {
                Propose(3, new AbortMigration(Unix(nowMicros), record.Id, "cluster", $"The cut-over took longer than {limitMs} ms"), record.Id, nowMicros);
            }
        }
        else if (nowMicros - heardAt[record.Id] >= options.StallMs * 1000L)
        {
            Propose(3, new AbortMigration(Unix(nowMicros), record.Id, "cluster", $"Nothing was heard of it for {options.StallMs} ms"), record.Id, nowMicros);
        }
        else if (IsCloseEnough(record) && closing.MayClose(record.Id, nowMicros) && guard.MayTake(4, record.Id, nowMicros))
        {
            // Decided only after a read-index: a deposed leader never starts the clock of a cut-over.
            wantsCutOver.Add(record.Id);
            wantsRead = true;
        }
    }

    private bool IsCloseEnough(MigrationRecord record) =>
        record.Phase == MigrationPhase.Verifying && record.Verified && !record.Paused && !machine.State.Halted
        && progress.TryGetValue(record.Id, out var report) && report.Verified
        && report.LagEntries <= options.CutOverLagEntries && report.LagBytes <= options.CutOverLagBytes;

    private void Propose(int step, MetaCommand command, ulong migration, long nowMicros)
    {
        if (guard.MayTake(step, migration, nowMicros))
        {
            proposals.Add(command);
        }
    }

    private long Unix(long nowMicros) => unixMs + (Math.Max(0, nowMicros - unixAtMicros) / 1000);
}
