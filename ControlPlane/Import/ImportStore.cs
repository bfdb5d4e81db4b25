using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Keeps what is known of imports. Safe for concurrent use, also by two programs on one data folder.</summary>
internal sealed class ImportStore(IDbContextFactory<ControlPlaneDb> databases)
{
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string TakenBack = "taken back";

    /// <summary>The newest imports, the newest first.</summary>
    public List<ImportRow> List(int count)
    {
        using var db = databases.CreateDbContext();
        return [.. db.Imports.AsNoTracking().OrderByDescending(i => i.Id).Take(count).AsEnumerable().Select(ToRow)];
    }

    /// <summary>Adds an import in <paramref name="state"/>; its id is set.</summary>
    public async Task<ImportLogRow> AddAsync(
        string fileName, string state, ImportSettings settings, long bytes, string by, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var row = new ImportLogRow
        {
            FileName = fileName, State = state, Settings = JsonSerializer.Serialize(settings), BytesTotal = bytes, By = by, CreatedAt = at,
        };
        db.Imports.Add(row);
        await db.SaveChangesAsync(cancellation);
        return row;
    }

    /// <summary>Number of imports that wait.</summary>
    public async Task<int> CountWaitingAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Imports.CountAsync(i => i.State == Waiting, cancellation);
    }

    /// <summary>Names the kept copy of an import and lets it wait for its turn.</summary>
    public async Task StoredAsync(long id, string storedAs, long bytes, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Imports.Where(i => i.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.StoredAs, storedAs).SetProperty(i => i.BytesTotal, bytes).SetProperty(i => i.State, Waiting), cancellation);
    }

    /// <summary>Forgets an import whose file could not be kept.</summary>
    public async Task RemoveAsync(long id, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Imports.Where(i => i.Id == id).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>What a killed program was importing waits again; what it was still receiving is gone.</summary>
    public async Task RestoreAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Imports.Where(i => i.State == Running && i.StoredAs != "").ExecuteUpdateAsync(s => s.SetProperty(i => i.State, Waiting), cancellation);
    }

    /// <summary>Claims the oldest import that waits; null when none does.</summary>
    public async Task<ImportLogRow?> ClaimAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var next = await db.Imports.AsNoTracking().Where(i => i.State == Waiting).OrderBy(i => i.Id).FirstOrDefaultAsync(cancellation);
        var claimed = next is null ? 0
            : await db.Imports.Where(i => i.Id == next.Id && i.State == Waiting).ExecuteUpdateAsync(s => s.SetProperty(i => i.State, Running), cancellation);
        return claimed == 1 ? next : null;
    }

    /// <summary>Cancels an import that waits. True when it waited.</summary>
    public async Task<bool> CancelWaitingAsync(long id, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Imports.Where(i => i.Id == id && i.State == Waiting)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.State, Cancelled), cancellation) == 1;
    }

    /// <summary>An import; null when there is no such import.</summary>
    public async Task<ImportLogRow?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Imports.AsNoTracking().FirstOrDefaultAsync(i => i.Id == id, cancellation);
    }

    /// <summary>Changes an import's state.</summary>
    public async Task SetStateAsync(long id, string state, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Imports.Where(i => i.Id == id).ExecuteUpdateAsync(s => s.SetProperty(i => i.State, state), cancellation);
    }

    /// <summary>Writes how far an import is.</summary>
    public async Task UpdateAsync(long id, string state, ImportProgress progress, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var row = await db.Imports.FindAsync([id], cancellation);
        if (row is null)
        {
            return;
        }

        row.State = state;
        row.BytesRead = progress.BytesRead;
        row.BytesTotal = progress.BytesTotal;
        row.Rows = progress.Rows;
        row.Rejected = progress.Rejected;
        row.FirstRejected = string.Join('\n', progress.FirstRejected);
        row.From = progress.From;
        row.To = progress.To;
        row.Error = progress.Failure;
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>An import as it is shown.</summary>
    public static ImportRow ToRow(ImportLogRow row) => new(
        row.Id, row.FileName, row.State, row.BytesRead, row.BytesTotal, row.Rows, row.Rejected,
        row.FirstRejected.Length == 0 ? [] : row.FirstRejected.Split('\n'), row.From, row.To, row.Error, row.CreatedAt);
}
