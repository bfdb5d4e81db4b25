using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Settings;

/// <summary>The settings in force and all their versions. Safe for concurrent use; one change at a time.</summary>
internal sealed class SettingsStore : IDisposable
{
    /// <summary>Versions that are listed, the newest first.</summary>
    public const int MaxListed = 200;

    private readonly IDbContextFactory<ControlPlaneDb> dbs;
    private readonly AuditTrail audit;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim one = new(1, 1);
    private volatile SettingsSnapshot now;

    /// <summary>Reads the newest version.</summary>
    public SettingsStore(IDbContextFactory<ControlPlaneDb> dbs, SettingsStart start, AuditTrail audit, TimeProvider time)
    {
        (this.dbs, Start, this.audit, this.time) = (dbs, start, audit, time);
        using var db = dbs.CreateDbContext();
        now = Snapshot(db.SettingsVersions.AsNoTracking().OrderByDescending(s => s.Version).FirstOrDefault());
    }

    /// <summary>Raised after other settings are in force. Handlers must not block.</summary>
    public event Action? Changed;

    /// <summary>What holds where no version says otherwise.</summary>
    public SettingsStart Start { get; }

    /// <summary>The settings in force.</summary>
    public SettingsSnapshot Now => now;

    /// <summary>Changes the settings: <paramref name="change"/> gets those in force and answers the new ones, or an outcome that refuses.</summary>
    public async Task<Outcome> ChangeAsync(
        Func<SettingsSnapshot, (SettingsValues? Values, Outcome? Refusal)> change, Actor by, string reason, long? undoes, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var (values, refusal) = change(now);
            if (values is null)
            {
                return refusal!;
            }

            if (SettingsCatalog.Problems(values).FirstOrDefault() is { Value: not null } problem)
            {
                return new Outcome("invalid", $"{problem.Key}: {problem.Value[0]}");
            }

            var changes = SettingsCatalog.Changes(now.Values, values);
            if (changes.Count == 0)
            {
                return new Outcome(null, "Nothing differs from the settings in force.", Text(now.Version));
            }

            var row = new SettingsRow
            {
                Version = now.Version + 1, At = time.GetUtcNow(), By = by.Name, Reason = reason, Undoes = undoes, Differences = SettingsJson.Differences(Start.Values, values),
            };
            await using var db = await dbs.CreateDbContextAsync(cancellation);
            db.SettingsVersions.Add(row);
            var detail = $"{(reason.Length > 0 ? reason + ": " : "")}{string.Join("; ", changes)}";
            await audit.SaveWithAsync(db, [new AuditEntry(by.Name, undoes is null ? "settings-changed" : "settings-undone", $"version {row.Version}", detail)], cancellation);
            now = Snapshot(row);
        }
        finally
        {
            one.Release();
        }

        Changed?.Invoke();
        return new Outcome(null, $"Settings version {now.Version} is in force.", Text(now.Version));
    }

    /// <summary>Versions with the values that they put in force, the newest first; the last one is what held before the first change.</summary>
    public async Task<IReadOnlyList<SettingsSnapshot>> VersionsAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.SettingsVersions.AsNoTracking().OrderByDescending(s => s.Version).Take(MaxListed).ToListAsync(cancellation);
        return [.. rows.Select(Snapshot), .. rows.Count < MaxListed ? new[] { Snapshot(null) } : []];
    }

    /// <summary>Which versions undo which.</summary>
    public async Task<IReadOnlyDictionary<long, long?>> UndoesAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return await db.SettingsVersions.AsNoTracking().OrderByDescending(s => s.Version).Take(MaxListed).ToDictionaryAsync(s => s.Version, s => s.Undoes, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private static string Text(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private SettingsSnapshot Snapshot(SettingsRow? row)
    {
        var values = row is null ? Start.Values : SettingsJson.Merge(Start.Values, row.Differences);
        return new SettingsSnapshot(row?.Version ?? 0, row?.At, row?.By ?? "", row?.Reason ?? "", values, Start.ScoringWith(values), Start.PlanningWith(values));
    }
}
