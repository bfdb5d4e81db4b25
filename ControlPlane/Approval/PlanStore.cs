using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>A plan as it is kept.</summary>
internal sealed record StoredPlan(
    string Id, PlanState State, long Version, Plan Plan, PlanFindings Findings, DateTimeOffset? StartAt, IReadOnlyList<PlanLogEntry> Log, IReadOnlyList<PlanMoveRow> Moves)
{
    /// <summary>Changes with every change of state.</summary>
    public string Etag => $"\"{Id[..8]}-{Version}\"";
}

/// <summary>Plans and their lives. A change of state is refused where the plan has changed meanwhile. Times are model time.</summary>
internal sealed class PlanStore(IDbContextFactory<ControlPlaneDb> dbs, ApprovalOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Raised after anything was changed. Handlers must not block.</summary>
    public event Action? Changed;

    /// <summary>Keeps a new plan as Proposed; other proposed plans expire, since the newer one takes their place.</summary>
    public async Task ProposeAsync(Plan plan, PlanFindings findings, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var older = await db.Plans.Where(p => p.State == (byte)PlanState.Proposed && p.Hash != plan.Hash).ToListAsync(cancellation);
        foreach (var row in older)
        {
            Change(db, row, PlanState.Expired, plan.MadeAt, "planner", $"plan {plan.Hash[..4]} took its place");
        }

        if (!await db.Plans.AnyAsync(p => p.Hash == plan.Hash, cancellation))
        {
            db.Plans.Add(NewRow(plan.Hash, PlanState.Proposed, plan, findings, by, plan.Reason));
        }

        await db.SaveChangesAsync(cancellation);
        Changed?.Invoke();
    }

    /// <summary>Keeps that there was nothing to do, and why; a repetition of the newest entry is not kept again. Proposed plans expire: what they were for is gone.</summary>
    public async Task<string> NothingToDoAsync(DateTimeOffset at, ulong epoch, string reason, PlanFindings findings, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var older = await db.Plans.Where(p => p.State == (byte)PlanState.Proposed).ToListAsync(cancellation);
        foreach (var row in older)
        {
            Change(db, row, PlanState.Expired, at, "planner", $"no longer needed: {reason}");
        }

        var newest = await db.Plans.Where(p => p.State == (byte)PlanState.NothingToDo).OrderByDescending(p => p.MadeAt).FirstOrDefaultAsync(cancellation);
        var plan = new Plan("none", at, epoch, reason, [], new PlanPreconditions([], [], 0, []));
        if (newest is not null)
        {
            db.Plans.Remove(newest);
        }

        db.Plans.Add(NewRow(plan.Hash, PlanState.NothingToDo, plan, findings, by, reason));
        await db.SaveChangesAsync(cancellation);
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

        Change(db, row, to, at, by, reason);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Keeps what became of a move.</summary>
    public async Task SaveMoveAsync(PlanMoveRow move, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        db.PlanMoves.Update(move);
        await db.SaveChangesAsync(cancellation);
        Changed?.Invoke();
    }

    /// <summary>Moves that ended at or after a moment, with their plans' moves.</summary>
    public async Task<IReadOnlyList<PastMove>> PastAsync(DateTimeOffset since, CancellationToken cancellation)
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

        return [.. ended.Where(m => bodies.ContainsKey(m.PlanHash) && m.Outcome == "done").Select(m =>
        {
            var move = bodies[m.PlanHash].Moves[m.Number - 1];
            return new PastMove(move.Segment, move.From, move.To, m.EndedAt!.Value);
        })];
    }

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
        Moves = [.. plan.Moves.Select(m => new PlanMoveRow { Number = m.Number })],
    };

    private static void Change(ControlPlaneDb db, PlanRow row, PlanState to, DateTimeOffset at, string by, string reason)
    {
        row.State = (byte)to;
        row.Version++;
        db.PlanLog.Add(new PlanLogRow { PlanHash = row.Hash, At = at, State = (byte)to, By = by, Reason = reason });
    }

    private static StoredPlan ToPlan(PlanRow row) => new(
        row.Hash, (PlanState)row.State, row.Version, JsonSerializer.Deserialize<Plan>(row.Body, Json)!, JsonSerializer.Deserialize<PlanFindings>(row.Findings, Json)!,
        row.StartAt, [.. row.Log.OrderBy(l => l.Id).Select(l => new PlanLogEntry(l.At, (PlanState)l.State, l.By, l.Reason))], [.. row.Moves.OrderBy(m => m.Number)]);
}
