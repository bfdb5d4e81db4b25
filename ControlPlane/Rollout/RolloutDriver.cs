using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Rollout;

/// <summary>
/// Carries approved plans out: what is due is a row, so a restart goes on where it was. The cluster knows each move by its id and begins it once,
/// however often it is asked; it also holds the limits and the halt, so here nothing is counted twice.
/// </summary>
internal sealed partial class RolloutDriver(
    PlanStore plans, PlanCheck check, IFleet fleet, SettingsStore settings, Func<double> clientP99Ms, RolloutOptions options, ModelClock clock, TimeProvider realTime, ILogger<RolloutDriver> log) : BackgroundService
{
    /// <summary>Name under which the rollout acts.</summary>
    public const string By = "rollout";

    private readonly Dictionary<MoveId, int> tries = [];
    private readonly Dictionary<MoveId, int> missing = [];

    // Moves that were started and that the fleet's snapshot may not show yet.
    private readonly List<(string Plan, Move Move)> started = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.PollMs), realTime);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (Exception e) when (e is Microsoft.EntityFrameworkCore.DbUpdateException or Microsoft.Data.Sqlite.SqliteException)
            {
                Failed(log, e);
            }
        }
    }

    /// <summary>Begins what is due, starts what may start, notes what has ended. Does nothing before the cluster was heard: what is not known yet is no reason to end anything.</summary>
    public async Task TurnAsync(CancellationToken cancellation)
    {
        if (fleet.State is not { AnsweredAt: not null, Map.SegmentCount: > 0 })
        {
            return;
        }

        foreach (var plan in await plans.InAsync(PlanStates.Going, cancellation))
        {
            if (plan.State == PlanState.Running)
            {
                await RunAsync(plan, cancellation);
            }
            else
            {
                await MaybeBeginAsync(plan, cancellation);
            }
        }
    }

    private async Task MaybeBeginAsync(StoredPlan plan, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (plan.StartAt > now)
        {
            return;
        }

        if (plan.State == PlanState.Scheduled && plan.StartAt is { } due && now - due > TimeSpan.FromMinutes(settings.Now.Values.ExpireMinutes))
        {
            await plans.ChangeAsync(plan, PlanState.Expired, now, By, $"could not begin within {settings.Now.Values.ExpireMinutes:0} min of its time", null, cancellation);
            return;
        }

        if (WhyHeld(plan) is { } held)
        {
            await plans.HoldAsync(plan, held, now, By, cancellation);
            return;
        }

        if (await check.FailuresAsync(plan, cancellation) is { Count: > 0 } failures)
        {
            await plans.ChangeAsync(plan, PlanState.Stale, now, By, string.Join("; ", failures), null, cancellation);
            return;
        }

        await plans.ChangeAsync(plan, PlanState.Running, now, By, Planning.Words.Actions(plan.Plan.Moves.Length, plan.Plan.Transfers.Length), null, cancellation);
    }

    /// <summary>Why nothing of a plan may begin now; null when it may. It is looked at anew each turn, so what waits goes on by itself.</summary>
    private string? WhyHeld(StoredPlan plan)
    {
        var state = fleet.State;
        var values = settings.Now.Values;
        if (state.Halted)
        {
            return $"all moves are halted by {state.HaltedBy}";
        }

        if (WindowCalendar.Open(values.Windows, WindowKind.Freeze, clock.GetUtcNow()) is { } freeze)
        {
            return $"frozen by {freeze.Rule.Name} until {freeze.End:u}";
        }

        // Before it begins a lost node makes the plan stale, which the preconditions see; once it runs, it waits for the node.
        if (plan.State == PlanState.Running && plan.Plan.Preconditions.MembersUsed.FirstOrDefault(m => state.Find(m) is not { IsServing: true }) is { IsNone: false } lost)
        {
            return $"node {state.Find(lost)?.Member.Name ?? lost.ToString()} is lost";
        }

        var p99 = clientP99Ms();
        return values.BackOffP99Ms > 0 && p99 > values.BackOffP99Ms
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"clients' 99th percentile is above {values.BackOffP99Ms:0.#} ms")
            : null;
    }

    // The moves of a plan that was scheduled for its own time keep their starts; where a person named the time, or a window did, they begin with the plan.
    private bool HasCome(StoredPlan plan, PlanMoveRow row)
    {
        if (plan.Plan.Moves[row.Number - 1].StartAt is not { } start || start <= clock.GetUtcNow()
            || plan.Log.LastOrDefault(l => l.State is PlanState.Approved or PlanState.Scheduled) is not { State: PlanState.Scheduled } scheduled)
        {
            return true;
        }

        var own = plan.Findings.SuggestedStart is { } suggested && suggested > scheduled.At ? suggested : scheduled.At;
        return plan.StartAt is not { } at || (at - own).Duration() > TimeSpan.FromSeconds(1);
    }

    /// <summary>What moves now: what the cluster shows, and what was started and is not shown yet.</summary>
    private RolloutPlaces Places(FleetState state)
    {
        var shown = state.Migrations.Select(m => (m.PlanHash, m.MoveNumber)).ToHashSet();
        return new RolloutPlaces(
            state.Migrations.Where(m => m.Phase.TakesPlace()).Select(m => (m.From, m.To)).Concat(started.Where(s => !shown.Contains((s.Plan, s.Move.Number))).Select(s => (s.Move.From, s.Move.To))),
            state.LeaderOf, state.Limits.MaxConcurrentMoves, settings.Now.Values.MovesPerNode, state.Limits.BatchSegments);
    }

    private async Task RunAsync(StoredPlan plan, CancellationToken cancellation)
    {
        var state = fleet.State;
        var held = WhyHeld(plan);
        await plans.HoldAsync(plan, held, clock.GetUtcNow(), By, cancellation);
        var known = state.Migrations.Where(m => m.PlanHash == plan.Id).ToDictionary(m => m.MoveNumber);
        var (moving, waiting, places) = (0, 0, Places(state));

        // The cheapest first: the moves were planned for the leaders that there are then.
        var leading = plan.Moves.Any(m => m.Outcome is null && plan.Plan.TransferOf(m.Number) is not null);
        foreach (var row in plan.Moves.Where(m => m.Outcome is null))
        {
            if (plan.Plan.TransferOf(row.Number) is { } transfer)
            {
                moving += await TransferAsync(plan, row, transfer, state, held is null, cancellation) ? 1 : 0;
            }
            else if (known.TryGetValue(row.Number, out var migration))
            {
                missing.Remove(new MoveId(plan.Id, row.Number));
                moving += await FollowAsync(plan, row, migration, cancellation) ? 1 : 0;
            }
            else if (row.MigrationId != 0)
            {
                moving += await MissAsync(plan, row, state, cancellation) ? 1 : 0;
            }
            else if (held is null && !leading && HasCome(plan, row) && places.TryTake(plan.Plan.Moves[row.Number - 1].From, plan.Plan.Moves[row.Number - 1].To))
            {
                moving++;
                await StartAsync(plan, row, cancellation);
            }
            else
            {
                waiting++;
            }
        }

        if (moving + waiting == 0)
        {
            await FinishAsync(plan, cancellation);
        }
    }

    /// <summary>
    /// Asks for a transfer of leadership, once the plan may begin anything, and notes when the new leader leads; true while that is to come. The cluster takes the same
    /// question twice, so a crash between the question and its note does no harm.
    /// </summary>
    private async Task<bool> TransferAsync(StoredPlan plan, PlanMoveRow row, LeaderTransfer transfer, FleetState state, bool mayBegin, CancellationToken cancellation)
    {
        var id = new MoveId(plan.Id, transfer.Number);
        if (row.StartedAt is null)
        {
            if (mayBegin)
            {
                await BeginTransferAsync(plan, row, transfer, id, cancellation);
            }

            return row.Outcome is null;
        }

        if (state.Map.Find(transfer.Shard)?.PreferredLeader == transfer.To && state.LeaderOf(transfer.Shard) == transfer.To)
        {
            missing.Remove(id);
            await EndAsync(plan, row, "done", cancellation);
            return false;
        }

        if ((missing[id] = missing.GetValueOrDefault(id) + 1) < options.MaxTransferTurns)
        {
            return true;
        }

        missing.Remove(id);
        await EndAsync(plan, row, $"{state.Find(transfer.To)?.Member.Name ?? transfer.To.ToString()} did not take over {transfer.Shard}", cancellation);
        return false;
    }

    private async Task BeginTransferAsync(StoredPlan plan, PlanMoveRow row, LeaderTransfer transfer, MoveId id, CancellationToken cancellation)
    {
        var answer = await fleet.TransferLeaderAsync(transfer.Shard, new TransferLeader(transfer.From, transfer.To, ApproverOf(plan), transfer.Reason), cancellation);
        if (answer.Accepted)
        {
            tries.Remove(id);
            row.StartedAt = clock.GetUtcNow();
            await plans.SaveMoveAsync(
                row, new AuditEntry(By, "leader-transferred", transfer.Shard.ToString(), $"leadership of {transfer.Shard} from {transfer.From} to {transfer.To}: {transfer.Reason}", plan.Id), cancellation);
        }
        else if (!MayYet(answer, id))
        {
            tries.Remove(id);
            await EndAsync(plan, row, $"refused: {answer.Detail ?? answer.Error}", cancellation);
        }
    }

    // It waits for its turn, however long that takes, or until the cluster can be reached.
    private bool MayYet(MetaAnswer answer, MoveId id) =>
        answer.Error is "halted" or "limit" or "not-born" || (answer.Error == "unavailable" && (tries[id] = tries.GetValueOrDefault(id) + 1) < options.MaxStartTries);

    private static string ApproverOf(StoredPlan plan) => plan.Log.LastOrDefault(l => l.State is PlanState.Approved or PlanState.Scheduled)?.By ?? By;

    /// <summary>Notes the phase; true while the move is under way.</summary>
    private async Task<bool> FollowAsync(StoredPlan plan, PlanMoveRow row, MigrationStatus migration, CancellationToken cancellation)
    {
        // From its commit on the move is done; what follows keeps or drops the former owner's copy, and an undoing is a migration of its own.
        if (migration.Phase.TakesPlace())
        {
            if (row.Phase != (byte)migration.Phase || row.MigrationId == 0)
            {
                row.MigrationId = (long)migration.Id;
                row.Phase = (byte)migration.Phase;
                row.StartedAt ??= clock.GetUtcNow();
                await plans.SaveMoveAsync(row, null, cancellation);
            }

            return true;
        }

        row.MigrationId = (long)migration.Id;
        row.Phase = (byte)migration.Phase;
        var outcome = migration.Phase.IsCommitted() ? "done" : migration.Phase == MigrationPhase.RolledBack ? "rolled back" : "cancelled";
        await EndAsync(plan, row, outcome, cancellation);
        return false;
    }

    /// <summary>
    /// A started move that the snapshot does not show: the snapshot is older than the start, or of a node that lags behind, or the cluster has
    /// forgotten the ended migration. Only after many turns in a row is it the last; then the segment's owner tells how it ended. True while it may yet appear.
    /// </summary>
    private async Task<bool> MissAsync(StoredPlan plan, PlanMoveRow row, FleetState state, CancellationToken cancellation)
    {
        var id = new MoveId(plan.Id, row.Number);
        var count = missing[id] = missing.GetValueOrDefault(id) + 1;
        if (count < options.MaxMissingTurns)
        {
            return true;
        }

        missing.Remove(id);
        var move = plan.Plan.Moves[row.Number - 1];
        await EndAsync(plan, row, state.Map.SegmentCount > move.Segment.Value && state.Map.OwnerOf(move.Segment) == move.To ? "done" : "cancelled", cancellation);
        return false;
    }

    private async Task StartAsync(StoredPlan plan, PlanMoveRow row, CancellationToken cancellation)
    {
        var move = plan.Plan.Moves[row.Number - 1];
        var answer = await fleet.StartMoveAsync(
            new StartMigration(plan.Id, move.Number, move.Segment, move.From, move.To, ApproverOf(plan), move.Reason),
            cancellation);
        var id = new MoveId(plan.Id, move.Number);
        if (answer.Accepted)
        {
            tries.Remove(id);
            row.MigrationId = (long)answer.MigrationId;
            row.StartedAt = clock.GetUtcNow();
            started.Add((plan.Id, move));
            var entry = new AuditEntry(By, "move-started", $"move {move.Number}", $"segment {move.Segment} from {move.From} to {move.To}, migration {row.MigrationId}: {move.Reason}", plan.Id);
            await plans.SaveMoveAsync(row, entry, cancellation);
            return;
        }

        if (!MayYet(answer, id))
        {
            tries.Remove(id);
            await EndAsync(plan, row, $"refused: {answer.Detail ?? answer.Error}", cancellation);
        }
    }

    private async Task EndAsync(StoredPlan plan, PlanMoveRow row, string outcome, CancellationToken cancellation)
    {
        row.Outcome = outcome;
        row.EndedAt = clock.GetUtcNow();
        started.RemoveAll(s => s.Plan == plan.Id && s.Move.Number == row.Number);
        await plans.SaveMoveAsync(row, new AuditEntry(By, "move-ended", $"move {row.Number}", $"{(plan.Plan.TransferOf(row.Number) is { } t ? $"leadership of {t.Shard}" : $"migration {row.MigrationId}")}: {outcome}", plan.Id), cancellation);
    }

    private async Task FinishAsync(StoredPlan plan, CancellationToken cancellation)
    {
        if (await plans.FindAsync(plan.Id, cancellation) is not { State: PlanState.Running } ended || ended.Moves.Any(m => m.Outcome is null))
        {
            return;
        }

        var bad = ended.Moves.Where(m => m.Outcome != "done").ToList();
        await plans.ChangeAsync(
            ended, bad.Count == 0 ? PlanState.Done : PlanState.Failed, clock.GetUtcNow(), By,
            bad.Count == 0 ? ended.Plan.Transfers.IsEmpty ? $"all {ended.Moves.Count} moves done" : $"{Planning.Words.Actions(ended.Plan.Moves.Length, ended.Plan.Transfers.Length)} done" : $"{bad.Count} of {ended.Moves.Count} moves did not end as planned: move {bad[0].Number} {bad[0].Outcome}",
            null, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The rollout could not keep its state; it tries again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
