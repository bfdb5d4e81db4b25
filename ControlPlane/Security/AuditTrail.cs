using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Keeps who changed what, and why. Append-only.</summary>
internal sealed class AuditTrail(IDbContextFactory<ControlPlaneDb> dbs, TimeProvider time)
{
    /// <summary>Longest detail that is kept, characters.</summary>
    public const int MaxDetail = 4000;

    /// <summary>Adds one row.</summary>
    /// <param name="by">Person, key, policy or "system".</param>
    /// <param name="action">One word for programs: "plan-approved", "halt" …</param>
    /// <param name="subject">What it was done to.</param>
    /// <param name="detail">Why, and with which values.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task AddAsync(string by, string action, string subject, string detail, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        db.Audit.Add(new AuditRow
        {
            At = time.GetUtcNow(),
            By = by,
            Action = action,
            Subject = subject,
            Detail = detail.Length > MaxDetail ? detail[..MaxDetail] : detail,
        });
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The newest rows first, before the row of id <paramref name="before"/> (0: from the newest), at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(long before, int limit, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return await db.Audit.AsNoTracking().Where(a => before == 0 || a.Id < before).OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancellation);
    }
}
