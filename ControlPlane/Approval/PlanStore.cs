using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>A plan as it is kept.</summary>
internal sealed record StoredPlan(
    string Id, PlanState State, long Version, Plan Plan, PlanFindings Findings, DateTimeOffset? StartAt, IReadOnlyList<PlanLogEntry> Log, IReadOnlyList<PlanMoveRow> Moves,
    string? RequestedBy = null, string? Held = null)
{
    /// <summary>What policies decide by.</summary>
    public PolicyFacts Facts => PolicyFacts.Of(Plan, Findings.Bytes, Findings.Confidence, Findings.MinutesOverBefore - Findings.MinutesOverAfter);

    /// <summary>Changes with every change of state.</summary>
    public string Etag => $"\"{Id[..8]}-{Version}\"";
}

/// <summary>
/// Plans and their lives. A change of state is refused where the plan has changed meanwhile. Each change is kept together with its row of the audit, in one
/// transaction: after a crash there is neither a change that nobody made nor an entry of something that did not happen. Times are model time.
/// </summary>
internal sealed class PlanStore(IDbContextFactory<ControlPlaneDb> dbs, ApprovalOptions options, AuditTrail audit)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Raised after anything was changed. Handlers must not block.</summary>
    public event Action? Changed;

    /// <summary>Keeps a new plan as Proposed; other proposed plans expire, since the newer one takes their place. Those for load and those of members leave each other alone.</summary>
    public async Task ProposeAsync(Plan plan, PlanFindings findings, Actor by, CancellationToken cancellation)
    {
        var entries = new List<AuditEntry>();
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var older = await db.Plans.Where(p => p.State == (byte)PlanState.Proposed && p.Hash != plan.Hash).ToListAsync(cancellation);
        foreach (var row in older.Where(p => IsOfMembers(p) == (plan.Kind == MembershipPlans.Kind)))
        {
            entries.Add(Change(db, row, PlanState.Expired, plan.MadeAt, PlanJob.By, $"plan {plan.Hash[..4]} took its place"));
        }

        if (!await db.Plans.AnyAsync(p => p.Hash == plan.Hash, cancellation))
        {
            var row = NewRow(plan.Hash, PlanState.Proposed, plan, findings, by.Name, plan.Reason);
            row.RequestedBy = by.Name == PlanJob.By ? null : by.Person;
            db.Plans.Add(row);
            entries.Add(new AuditEntry(by.Name, "plan-proposed", plan.Hash, plan.Reason, plan.Hash));
        }

        await audit.SaveWithAsync(db, entries, cancellation);
        Changed?.Invoke();
    }

    /// <summary>Keeps that there was nothing to do, and why; a repetition of the newest entry is not kept again. Proposed plans expire: what they were for is gone.</summary>
    public async Task<string> NothingToDoAsync(DateTimeOffset at, ulong epoch, string reason, PlanFindings findings, string by, CancellationToken cancellation)
    {
        var entries = new List<AuditEntry>();
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var older = await db.Plans.Where(p => p.State == (byte)PlanState.Proposed).ToListAsync(cancellation);
        foreach (var row in older.Where(p => !IsOfMembers(p)))
        {
            entries.Add(Change(db, row, PlanState.Expired, at, PlanJob.By, $"no longer needed: {reason}"));
        }

        var kept = await db.Plans.Where(p => p.State == (byte)PlanState.NothingToDo).OrderByDescending(p => p.MadeAt).ToListAsync(cancellation);
        var plan = new Plan("none", at, epoch, reason, [], new PlanPreconditions([], [], 0, []));
        db.Plans.RemoveRange(kept.Where((p, i) => i >= options.KeptNothingToDo - 1 || (i == 0 && JsonSerializer.Deserialize<Plan>(p.Body, Json)!.Reason == reason)));

        db.Plans.Add(NewRow(plan.Hash, PlanState.NothingToDo, plan, findings, by, reason));
        await audit.SaveWithAsync(db, entries, cancellation);
        Changed?.Invoke();
        return plan.Hash;
    }

    /// <summary>The newest plans first.</summary>
    public async Task<IReadOnlyList<StoredPlan>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.Plans.AsNoTracking().AsSplitQuery().Include(p => p.Log).Include(p => p.Moves)
            .OrderByDescending(p => p.MadeAt).Take(options.MaxListed).ToListAsync(cancellation);
        return rows.ConvertAll(ToPlan);
    }

    /// <summary>Plans in one of some states, oldest first.</summary>
    public async Task<IReadOnlyList<StoredPlan>> InAsync(IReadOnlyList<PlanState> states, CancellationToken cancellation)
    {
        var wanted = states.Select(s => (byte)s).ToArray();
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.Plans.AsNoTracking().AsSplitQuery().Include(p => p.Log).Include(p => p.Moves)
            .Where(p => wanted.Contains(p.State)).OrderBy(p => p.MadeAt).ToListAsync(cancellation);
        return rows.ConvertAll(ToPlan);
    }

    /// <summary>By hash, or by an unambiguous beginning of at least four digits; null where there is none.</summary>
    public async Task<StoredPlan?> FindAsync(string id, CancellationToken cancellation)
    {
        if (id.Length < 4 || !id.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var found = await db.Plans.AsNoTracking().AsSplitQuery().Include(p => p.Log).Include(p => p.Moves)
            .Where(p => p.Hash.StartsWith(id)).OrderBy(p => p.Hash).Take(2).ToListAsync(cancellation);
        return found.Count == 1 ? ToPlan(found[0]) : null;
    }

    /// <summary>Changes the state; false when the plan is no longer as <paramref name="seen"/>, or the state may not follow.</summary>
    public async Task<bool> ChangeAsync(
        StoredPlan seen, PlanState to, DateTimeOffset at, string by, string reason, DateTimeOffset? startAt, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Plans.FirstOrDefaultAsync(p => p.Hash == seen.Id, cancellation);
        if (row is null || row.Version != seen.Version || !PlanStates.MayFollow((PlanState)row.State, to))
        {
            return false;
        }

        if (startAt is not null)
        {
            row.StartAt = startAt;
        }

        row.Held = null;
        var entry = Change(db, row, to, at, by, reason);
        try
        {
            await audit.SaveWithAsync(db, [entry], cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Keeps what became of a move, with its row of the audit where there is one.</summary>
    public async Task SaveMoveAsync(PlanMoveRow move, AuditEntry? entry, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        db.PlanMoves.Update(move);
        await audit.SaveWithAsync(db, entry is null ? [] : [entry], cancellation);
        Changed?.Invoke();
    }

    /// <summary>Keeps why the rollout waits (null: it goes on), with a row in the plan's life; nothing where it is so already.</summary>
    public async Task HoldAsync(StoredPlan plan, string? held, DateTimeOffset at, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Plans.FirstOrDefaultAsync(p => p.Hash == plan.Id, cancellation);
        if (row is null || row.Held == held)
        {
            return;
        }

        row.Held = held;
        var entry = Change(db, row, (PlanState)row.State, at, by, held is null ? "goes on" : $"waits: {held}");
        await audit.SaveWithAsync(db, [entry with { Action = held is null ? "rollout-resumed" : "rollout-held" }], cancellation);
        Changed?.Invoke();
    }

    /// <summary>Keeps who asks for a second person's approval; false when the plan is no longer as <paramref name="seen"/>.</summary>
    public async Task<bool> RequestAsync(StoredPlan seen, Actor by, string reason, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Plans.FirstOrDefaultAsync(p => p.Hash == seen.Id, cancellation);
        if (row is null || row.Version != seen.Version || row.RequestedBy is not null)
        {
            return false;
        }

        row.RequestedBy = by.Person;
        var entry = Change(db, row, (PlanState)row.State, at, by.Name, $"asks for a second person's approval{(reason.Length > 0 ? $": {reason}" : "")}");
        try
        {
            await audit.SaveWithAsync(db, [entry with { Action = "approval-requested" }], cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Moves and transfers that ended at or after a moment as planned.</summary>
    public async Task<(IReadOnlyList<PastMove> Moves, IReadOnlyList<PastTransfer> Transfers)> PastAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var ended = await db.PlanMoves.AsNoTracking().Where(m => m.EndedAt >= since).ToListAsync(cancellation);
        var bodies = new Dictionary<string, Plan>();
        foreach (var hash in ended.Select(m => m.PlanHash).Distinct())
        {
            var body = await db.Plans.Where(p => p.Hash == hash).Select(p => p.Body).FirstOrDefaultAsync(cancellation);
            if (body is not null)
            {
                bodies[hash] = JsonSerializer.Deserialize<Plan>(body, Json)!;
            }
        }

        var done = ended.Where(m => bodies.ContainsKey(m.PlanHash) && m.Outcome == "done").Select(m => (Plan: bodies[m.PlanHash], m.Number, EndedAt: m.EndedAt!.Value)).ToList();
        return (
            [.. done.Where(m => m.Number <= m.Plan.Moves.Length).Select(m => (Move: m.Plan.Moves[m.Number - 1], m.EndedAt)).Select(m => new PastMove(m.Move.Segment, m.Move.From, m.Move.To, m.EndedAt))],
            [.. done.Select(m => (Transfer: m.Plan.TransferOf(m.Number), m.EndedAt)).Where(m => m.Transfer is not null)
                .Select(m => new PastTransfer(m.Transfer!.Shard, m.Transfer.From, m.Transfer.To, m.EndedAt))]);
    }

    private static bool IsOfMembers(PlanRow row) => JsonSerializer.Deserialize<Plan>(row.Body, Json)!.Kind == MembershipPlans.Kind;

    private static PlanRow NewRow(string hash, PlanState state, Plan plan, PlanFindings findings, string by, string reason) => new()
    {
        Hash = hash,
        State = (byte)state,
        Version = 1,
        MadeAt = plan.MadeAt,
        Body = JsonSerializer.Serialize(plan, Json),
        Findings = JsonSerializer.Serialize(findings, Json),
        StartAt = findings.SuggestedStart,
        UsefulUntil = findings.CrossesAt,
        Log = [new PlanLogRow { At = plan.MadeAt, State = (byte)state, By = by, Reason = reason }],
        Moves = [.. plan.Moves.Select(m => m.Number).Concat(plan.Transfers.Select(t => t.Number)).Select(n => new PlanMoveRow { Number = n })],
    };

    private static AuditEntry Change(ControlPlaneDb db, PlanRow row, PlanState to, DateTimeOffset at, string by, string reason)
    {
        row.State = (byte)to;
        row.Version++;
        db.PlanLog.Add(new PlanLogRow { PlanHash = row.Hash, At = at, State = (byte)to, By = by, Reason = reason });
        return new AuditEntry(by, to == PlanState.Proposed ? "plan-unscheduled" : $"plan-{to.ToString().ToLowerInvariant()}", row.Hash, reason, row.Hash);
    }

    private static StoredPlan ToPlan(PlanRow row) => new(
        row.Hash, (PlanState)row.State, row.Version, JsonSerializer.Deserialize<Plan>(row.Body, Json)!, JsonSerializer.Deserialize<PlanFindings>(row.Findings, Json)!,
        row.StartAt, [.. row.Log.OrderBy(l => l.Id).Select(l => new PlanLogEntry(l.At, (PlanState)l.State, l.By, l.Reason))], [.. row.Moves.OrderBy(m => m.Number)],
        row.RequestedBy, row.Held);
}
