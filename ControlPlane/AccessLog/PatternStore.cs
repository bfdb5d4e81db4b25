using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>Keeps what was gathered of access patterns in the database, and what imports on the command line have left for it. Safe for concurrent use.</summary>
internal sealed class PatternStore(IDbContextFactory<ControlPlaneDb> databases)
{
    /// <summary>What was saved; null where nothing was, or nothing that can be used.</summary>
    /// <param name="unusable">Told why.</param>
    public async Task<AccessSketch?> LoadAsync(int segments, PatternOptions options, Action<string> unusable, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Patterns.AsNoTracking().SingleOrDefaultAsync(p => p.Id == PatternRow.Only, cancellation) is { } row ? Read(row, segments, options, unusable) : null;
    }

    /// <summary>Leaves what an import saw, to be added by whoever keeps the whole.</summary>
    /// <param name="at">Model time.</param>
    public async Task LeaveAsync(AccessSketch sketch, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var largest = await db.Patterns.MaxAsync(p => (int?)p.Id, cancellation) ?? PatternRow.Only;
        var stream = new MemoryStream();
        sketch.Write(new BinaryWriter(stream));
        db.Patterns.Add(new PatternRow { Id = Math.Max(largest, PatternRow.Only) + 1, At = at, Data = stream.ToArray() });
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>What imports have left, oldest first; what cannot be used is not among it.</summary>
    /// <param name="unusable">Told why.</param>
    public async Task<IReadOnlyList<(int Id, AccessSketch Sketch)>> LeftAsync(int segments, PatternOptions options, Action<string> unusable, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Patterns.AsNoTracking().Where(p => p.Id > PatternRow.Only).OrderBy(p => p.Id).ToListAsync(cancellation);
        return [.. rows.Select(r => (r.Id, Sketch: Read(r, segments, options, unusable))).Where(r => r.Sketch is not null).Select(r => (r.Id, r.Sketch!))];
    }

    /// <summary>Saves the whole, and takes away what was left and is in it now: both or neither.</summary>
    /// <param name="taken">Ids of what was left.</param>
    public async Task SaveAsync(byte[] data, DateTimeOffset at, IReadOnlyCollection<int> taken, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.Patterns.SingleOrDefaultAsync(p => p.Id == PatternRow.Only, cancellation) is { } row)
        {
            (row.At, row.Data) = (at, data);
        }
        else
        {
            db.Patterns.Add(new PatternRow { Id = PatternRow.Only, At = at, Data = data });
        }

        db.Patterns.RemoveRange(await db.Patterns.Where(p => taken.Contains(p.Id)).ToListAsync(cancellation));
        await db.SaveChangesAsync(cancellation);
    }

    private static AccessSketch? Read(PatternRow row, int segments, PatternOptions options, Action<string> unusable)
    {
        try
        {
            return AccessSketch.Read(new BinaryReader(new MemoryStream(row.Data)), segments, options);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            unusable(e.Message);
            return null;
        }
    }
}
