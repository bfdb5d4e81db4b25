using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.Unit.Support;

/// <summary>A control plane's data folder with an empty database, gone with the test.</summary>
internal sealed class TestDatabase : IDbContextFactory<ControlPlaneDb>, IDisposable
{
    private static int counter;

    private readonly DbContextOptions<ControlPlaneDb> options;

    public TestDatabase()
    {
        var path = Path.Combine(Path.GetTempPath(), $"shardconsole-unit-{Environment.ProcessId}-{Interlocked.Increment(ref counter)}");
        Directory.CreateDirectory(path);
        Folder = DataFolder.Open(path, exclusive: false);
        DataRegistration.Migrate(Folder);
        var builder = new DbContextOptionsBuilder<ControlPlaneDb>();
        DataRegistration.Configure(builder, Folder.DatabasePath);
        options = builder.AddInterceptors(Crashes).Options;
    }

    public DataFolder Folder { get; }

    /// <summary>Ends the program at a write that a test chooses; lets all pass until then.</summary>
    public CrashingSaves Crashes { get; } = new();

    public ControlPlaneDb CreateDbContext() => new(options);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Folder.Dispose();
        Directory.Delete(Folder.Path, recursive: true);
    }
}
