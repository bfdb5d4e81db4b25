using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security.Core;

namespace ShardConsole.ControlPlane.Security;

/// <summary>What goes into the audit trail.</summary>
/// <param name="By">Person, key, policy or "system".</param>
/// <param name="Action">One word for programs: "plan-approved", "halted" …</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Detail">Why, and with which values. Never a secret.</param>
/// <param name="Plan">Hash of the plan that it belongs to; empty where it belongs to none.</param>
internal sealed record AuditEntry(string By, string Action, string Subject, string Detail, string Plan = "");

/// <summary>Which rows. Null or empty: all. Times are real time.</summary>
internal sealed record AuditFilter(string? Who = null, string? What = null, string? Plan = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>What a check of the whole chain found.</summary>
/// <param name="Head">Hash of the newest row; keep it elsewhere to notice a table that was rewritten as a whole.</param>
/// <param name="Unchained">Rows at the beginning that come from versions without a chain.</param>
/// <param name="Problem">The first broken place; null when the chain is intact.</param>
internal sealed record AuditVerdict(bool Intact, long Rows, long Unchained, string Head, string? Problem);

/// <summary>Keeps who changed what, and why. Append-only and chained by hashes. One process writes a data folder, so the chain's head is held here. Safe for concurrent use.</summary>
internal sealed class AuditTrail(IDbContextFactory<ControlPlaneDb> dbs, TimeProvider time) : IDisposable
{
    /// <summary>Longest detail that is kept, characters.</summary>
    public const int MaxDetail = 4000;

    private const int VerifyBatch = 2000;
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Adds one row.</summary>
    public Task AddAsync(string by, string action, string subject, string detail, CancellationToken cancellation) =>
        AddAsync(new AuditEntry(by, action, subject, detail), cancellation);

    /// <summary>Adds one row.</summary>
    public async Task AddAsync(AuditEntry entry, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await SaveWithAsync(db, [entry], cancellation);
    }

    /// <summary>Saves what a context has changed together with the rows that say so: both are kept or neither.</summary>
    /// <exception cref="DbUpdateException">Nothing was kept.</exception>
    public async Task SaveWithAsync(ControlPlaneDb db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var head = await db.Audit.AsNoTracking().OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancellation);
            var (id, before) = (head?.Id ?? 0, head?.Hash ?? AuditChain.Root);
            foreach (var entry in entries)
            {
                var row = new AuditRow
                {
                    Id = ++id,
                    At = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
                    By = entry.By,
                    Action = entry.Action,
                    Subject = entry.Subject,
                    Detail = entry.Detail.Length > MaxDetail ? entry.Detail[..MaxDetail] : entry.Detail,
                    Plan = entry.Plan,
                };
                before = row.Hash = AuditChain.HashOf(row, before);
                db.Audit.Add(row);
            }

            await db.SaveChangesAsync(cancellation);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The newest rows first, before the row of id <paramref name="before"/> (0: from the newest), at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<AuditRow>> ListAsync(long before, int limit, CancellationToken cancellation) => ListAsync(new AuditFilter(), before, limit, cancellation);

    /// <inheritdoc cref="ListAsync(long, int, CancellationToken)"/>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(AuditFilter filter, long before, int limit, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return await Filtered(db, filter).Where(a => before == 0 || a.Id < before).OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>All rows of a filter, oldest first, read as they are taken.</summary>
    public async IAsyncEnumerable<AuditRow> ReadAsync(AuditFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await foreach (var row in Filtered(db, filter).OrderBy(a => a.Id).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            yield return row;
        }
    }

    /// <summary>Reads the whole trail and checks the chain.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancellation)
    {
        long last = 0, unchained = 0;
        var head = AuditChain.Root;
        while (true)
        {
            await using var db = await dbs.CreateDbContextAsync(cancellation);
            var from = last;
            var rows = await db.Audit.AsNoTracking().Where(a => a.Id > from).OrderBy(a => a.Id).Take(VerifyBatch).ToListAsync(cancellation);
            foreach (var row in rows)
            {
                if (AuditChain.Problem(row, last, head, head.Length > 0) is { } problem)
                {
                    return new AuditVerdict(false, last, unchained, head, problem);
                }

                unchained += row.Hash.Length == 0 ? 1 : 0;
                (last, head) = (row.Id, row.Hash);
            }

            if (rows.Count < VerifyBatch)
            {
                return new AuditVerdict(true, last, unchained, head, null);
            }
        }
    }

    /// <summary>One row as CSV, quoted where it must be; a value that a spreadsheet would run as a formula gets an apostrophe in front.</summary>
    public static string Csv(AuditRow row) => string.Join(',', new[]
    {
        row.Id.ToString(CultureInfo.InvariantCulture), row.At.ToString("O", CultureInfo.InvariantCulture), row.By, row.Action, row.Subject, row.Detail, row.Plan, row.Hash,
    }.Select(Quoted));

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private static string Quoted(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static IQueryable<AuditRow> Filtered(ControlPlaneDb db, AuditFilter filter)
    {
        var rows = db.Audit.AsNoTracking();
        rows = string.IsNullOrEmpty(filter.Who) ? rows : rows.Where(a => a.By == filter.Who);
        rows = string.IsNullOrEmpty(filter.What) ? rows : rows.Where(a => a.Action == filter.What);
        rows = string.IsNullOrEmpty(filter.Plan) ? rows : rows.Where(a => a.Plan.StartsWith(filter.Plan));
        rows = filter.From is { } from ? rows.Where(a => a.At >= from) : rows;
        return filter.To is { } to ? rows.Where(a => a.At < to) : rows;
    }
}
