using ShardConsole.ControlPlane;
using ShardConsole.ControlPlane.Data;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Data;

public sealed class DataFolderTests : IDisposable
{
    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public void A_folder_remembers_its_cluster()
    {
        Assert.Null(database.Folder.Bind("c-1", 1024));

        using var again = DataFolder.Open(database.Folder.Path, exclusive: false);

        Assert.Null(again.Bind("c-1", 1024));
        Assert.Contains("c-2", again.Bind("c-2", 1024), StringComparison.Ordinal);
        Assert.Equal(("c-1", 1024), (again.ClusterId, again.SegmentCount));
    }

    [Fact]
    public void Imports_before_the_first_cluster_fix_the_number_of_segments()
    {
        Assert.Equal(1024, database.Folder.FixSegmentCount(1024));
        Assert.Equal(1024, database.Folder.FixSegmentCount(64));
        Assert.Contains("--segments 64", database.Folder.Bind("c-1", 64), StringComparison.Ordinal);
        Assert.Null(database.Folder.Bind("c-1", 1024));
    }

    [Theory]
    [InlineData("""{ "format": 2, "clusterId": "", "segmentCount": 0 }""", "format 2")]
    [InlineData("{", "cannot be read")]
    public void A_folder_of_another_version_or_a_damaged_one_is_refused(string stamp, string says)
    {
        File.WriteAllText(Path.Combine(database.Folder.Path, "control-plane.json"), stamp);

        var error = Assert.Throws<StartupException>(() => DataFolder.Open(database.Folder.Path, exclusive: false));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_served_by_one_program_at_a_time()
    {
        using var first = DataFolder.Open(database.Folder.Path, exclusive: true);

        var error = Assert.Throws<StartupException>(() => DataFolder.Open(database.Folder.Path, exclusive: true));

        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused()
    {
        using (var db = database.CreateDbContext())
        {
            Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlRaw(
                db.Database, """INSERT INTO "__EFMigrationsHistory" VALUES ('99990101000000_Later', '99')""");
        }

        var error = Assert.Throws<StartupException>(() => DataRegistration.Migrate(database.Folder));

        Assert.Contains("99990101000000_Later", error.Message, StringComparison.Ordinal);
    }
}
