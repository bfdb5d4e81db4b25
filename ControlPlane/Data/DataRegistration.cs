using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ShardConsole.ControlPlane.Data;

/// <summary>Adds the database.</summary>
internal static class DataRegistration
{
    /// <summary>How long a writer waits for another one, seconds.</summary>
    private const int BusySeconds = 15;

    /// <summary>Adds the data folder and the factory of its database.</summary>
    public static IServiceCollection AddData(this IServiceCollection services, DataFolder folder) =>
        services.AddSingleton(folder).AddDbContextFactory<ControlPlaneDb>(options => Configure(options, folder.DatabasePath));

    /// <summary>Brings the database of a folder to this version's schema.</summary>
    /// <exception cref="StartupException">A newer version has written it, or it is damaged.</exception>
    public static void Migrate(DataFolder folder)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        Configure(options, folder.DatabasePath);
        using var db = new ControlPlaneDb(options.Options);
        try
        {
            var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
            var strange = File.Exists(folder.DatabasePath) ? db.Database.GetAppliedMigrations().FirstOrDefault(m => !known.Contains(m)) : null;
            if (strange is not null)
            {
                throw new StartupException($"{folder.DatabasePath} was written by a newer version (schema {strange}). Start that version, or name another folder with --data.");
            }

            db.Database.ExecuteSqlRaw("PRAGMA journal_mode=WAL");
            db.Database.Migrate();
        }
        catch (SqliteException e)
        {
            throw new StartupException($"{folder.DatabasePath} cannot be opened ({e.Message}). Restore it, or name another folder with --data.");
        }
    }

    /// <summary>Chooses SQLite at <paramref name="path"/>.</summary>
    public static void Configure(DbContextOptionsBuilder options, string path) =>
        options.UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = BusySeconds }.ToString());

    /// <summary>Lets the tool that writes migrations make a context.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<ControlPlaneDb>
    {
        /// <inheritdoc/>
        public ControlPlaneDb CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<ControlPlaneDb>();
            Configure(options, "design.db");
            return new ControlPlaneDb(options.Options);
        }
    }
}
