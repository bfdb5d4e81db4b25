using ShardConsole.NodeAgent.Storage;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class NodeStoreOpeningTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_in_use_is_refused_with_one_sentence()
    {
        using var store = folder.Open();
        var second = folder.TryOpen();
        Assert.Equal(
            (null, StoreOpenError.Locked, $"The data folder {folder.Path} is in use by another process: stop that one, or give this node a folder of its own."),
            (second.Store, second.Error, second.Message));
        MustCommit(store, b => b.Append(Group, Entries(1, 1, 1)));
    }

    [Fact]
    public void A_database_that_another_connection_holds_is_refused()
    {
        folder.Open().Dispose();
        using var other = StoreDatabase.Open(folder.Database);
        other.Execute("PRAGMA locking_mode = EXCLUSIVE");
        other.Execute("BEGIN EXCLUSIVE");
        Assert.Equal(StoreOpenError.Locked, folder.TryOpen().Error);
        other.Execute("ROLLBACK");
    }

    [Fact]
    public void A_newer_format_is_refused_and_left_as_it_is()
    {
        folder.Open().Dispose();
        folder.Execute($"PRAGMA user_version = {StoreOptions.FormatVersion + 1}");
        var opening = folder.TryOpen();
        Assert.Equal(StoreOpenError.Format, opening.Error);
        Assert.Contains($"has format {StoreOptions.FormatVersion + 1}", opening.Message, StringComparison.Ordinal);
        folder.Execute($"PRAGMA user_version = {StoreOptions.FormatVersion}");
        Assert.Equal(2UL, folder.Open().Identity.Boot);
    }

    [Fact]
    public void A_file_that_is_no_store_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(folder.Database, "something else");
        Assert.Equal(StoreOpenError.Foreign, folder.TryOpen().Error);
        Assert.Equal("something else", File.ReadAllText(folder.Database));
    }

    [Fact]
    public void Another_program_s_database_is_refused()
    {
        folder.Execute("CREATE TABLE other (id INTEGER)");
        Assert.Equal(StoreOpenError.Foreign, folder.TryOpen().Error);
    }

    [Fact]
    public void A_store_whose_making_was_interrupted_is_made_again()
    {
        folder.Execute($"PRAGMA application_id = {StoreSchema.ApplicationId}");
        Assert.Equal(77UL, folder.Open().Identity.Node.Value);
    }

    [Fact]
    public void All_wrong_options_are_named_at_once()
    {
        var opening = NodeStore.Open(folder.Options with { PageSizeBytes = 1000, CacheBytes = 1 }, () => 1);
        Assert.Equal((StoreOpenError.Options, 2), (opening.Error, opening.Message.Split(';').Length));
    }

    [Fact]
    public void A_full_disk_refuses_the_commit_whole_and_the_store_goes_on()
    {
        var store = folder.Open(folder.Options with { MaxPages = 40 });
        MustCommit(store, b => b.Append(Group, Entries(1, 1, 1)));
        var batch = new StoreBatch();
        batch.Append(Group, Entries(2, 1, 1));
        batch.Append(Group, Entries(3, 10, 1, bytes: 50_000));
        var writer = store.BeginCheckpoint(Group, new(1));
        writer.Finish(batch, 1, default);

        Assert.Equal(StoreErrorKind.Full, store.Commit(batch).Kind);
        Assert.Equal(1UL, store.LoadGroup(Group).Log.LastIndex);
        Assert.Empty(store.LoadGroup(Group).Checkpoints);
        MustCommit(store, b => b.Append(Group, Entries(2, 1, 2)));
        Assert.Equal(StoreErrorKind.Full, store.Commit(batch).Kind);
        store.Dispose();

        store = folder.Open();
        Assert.Equal([1UL, 2UL], store.LoadGroup(Group).Log.Read(1, 9, 999).Select(e => e.Term));
        Assert.Equal(StoreResult.Success, store.Commit(batch));
        Assert.Equal(12UL, store.LoadGroup(Group).Log.LastIndex);
    }

    [Fact]
    public void Chunks_staged_before_the_disk_was_full_are_still_there_when_the_finish_is_tried_again()
    {
        using var store = folder.Open(folder.Options with { MaxPages = 60 });
        var writer = store.BeginCheckpoint(Group, new(1));
        MustCommit(store, b => writer.Stage(b, new byte[20_000]));
        var batch = new StoreBatch();
        writer.Finish(batch, 1, default);
        batch.Append(Group, Entries(1, 1, 1, bytes: 250_000));
        Assert.Equal(StoreErrorKind.Full, store.Commit(batch).Kind);
        Assert.Equal(StoreResult.Success, store.CollectGarbage(100, out _));

        batch.Clear();
        writer.Finish(batch, 1, default);
        Assert.Equal(StoreResult.Success, store.Commit(batch));
        using var reader = store.ReadCheckpoint(Group, new(1))!;
        Assert.Equal(ChunkReadStatus.Chunk, reader.ReadNext(out _));
    }

    [Fact]
    public void A_closed_store_refuses_everything()
    {
        var store = folder.Open();
        store.Dispose();
        Assert.Equal(StoreErrorKind.Broken, Commit(store, b => b.Append(Group, Entries(1, 1, 1))).Kind);
        Assert.Equal(StoreErrorKind.Broken, store.CheckpointWal().Kind);
    }

    [Fact]
    public void The_write_ahead_log_is_moved_only_when_asked()
    {
        using var store = folder.Open();
        var before = new FileInfo(folder.Database).Length;
        for (var i = 0UL; i < 30; i++)
        {
            MustCommit(store, b => b.Append(Group, Entries(1 + (10 * i), 10, 1, bytes: 2000)));
        }

        Assert.Equal(before, new FileInfo(folder.Database).Length);
        Assert.InRange(store.WalBytes, 600_000, 2_000_000);
        Assert.Equal(StoreResult.Success, store.CheckpointWal());
        Assert.InRange(new FileInfo(folder.Database).Length, 600_000, 2_000_000);
        Assert.Equal(0, store.WalBytes);
        MustCommit(store, b => b.Append(Group, Entries(301, 1, 1)));
        using var killed = folder.Crash();
        Assert.Equal(301UL, killed.Open().LoadGroup(Group).Log.LastIndex);
    }
}
