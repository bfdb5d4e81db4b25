using ShardConsole.NodeAgent.Storage;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class WalSyncTests
{
    [Fact]
    public void Each_commit_but_the_first_syncs_the_data_of_the_log_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The layer is Linux's only.");
        using var folder = new StoreFolder();
        var store = folder.Open();
        MustCommit(store, b => b.Append(Group, Entries(1, 1, 1)));
        var before = WalSync.DataSyncs;
        for (var i = 2UL; i <= 6; i++)
        {
            MustCommit(store, b => b.Append(Group, Entries(i, 1, 1)));
            Assert.Equal((long)i - 1, WalSync.DataSyncs - before);
        }
    }

    [Fact]
    public void A_descriptor_goes_with_its_store()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The layer is Linux's only.");
        using var folder = new StoreFolder();
        int Descriptors() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(f => f.LinkTarget?.StartsWith(folder.Path, StringComparison.Ordinal) == true);
        for (var i = 0; i < 3; i++)
        {
            using (folder.Open())
            {
                Assert.True(Descriptors() > 0);
            }

            Assert.Equal(0, Descriptors());
        }
    }

    [Fact]
    public void A_sync_that_fails_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The layer is Linux's only.");
        Assert.False(WalSync.TrySyncData(-1));
    }
}
