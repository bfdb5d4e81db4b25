using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Storage;

/// <summary>A data folder of its own, deleted at the end, and what tests do with stores in it.</summary>
internal sealed class StoreFolder : IDisposable
{
    public static readonly GroupId Group = new(3);
    private readonly List<NodeStore> opened = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("store-test-").FullName;

    public string Database => System.IO.Path.Combine(Path, StoreOptions.FileName);

    public string Wal => Database + "-wal";

    public string Mark => System.IO.Path.Combine(Path, CommitMark.FileName);

    public StoreOptions Options => new() { Folder = Path };

    public NodeStore Open(StoreOptions? options = null)
    {
        var opening = NodeStore.Open(options ?? Options, () => 77);
        Assert.True(opening.Succeeded, opening.Message);
        opened.Add(opening.Store);
        return opening.Store;
    }

    public StoreOpening TryOpen() => NodeStore.Open(Options, () => 78);

    /// <summary>A copy of the files as they are, as kill -9 would leave them.</summary>
    public StoreFolder Crash(bool sameBoot = true)
    {
        var copy = new StoreFolder();
        File.Copy(Database, copy.Database);
        if (File.Exists(Wal))
        {
            File.Copy(Wal, copy.Wal);
        }

        if (File.Exists(Mark))
        {
            File.Copy(Mark, copy.Mark);
        }

        if (sameBoot && File.Exists("/proc/sys/kernel/random/boot_id"))
        {
            File.WriteAllText(System.IO.Path.Combine(copy.Path, "node.lock"), File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
        }

        return copy;
    }

    /// <summary>Changes the closed database by SQL.</summary>
    public void Execute(string sql)
    {
        using var database = StoreDatabase.Open(Database);
        database.Execute(sql);
    }

    /// <summary>Flips one bit in the middle of the first blob of a table.</summary>
    public void FlipBlob(string table)
    {
        using var database = StoreDatabase.Open(Database);
        var read = database.Prepare($"SELECT rowid, data FROM {table} LIMIT 1");
        Assert.True(read.Step());
        var (id, data) = (read.Number(0), read.Blob(1).ToArray());
        read.Reset();
        data[data.Length / 2] ^= 4;
        database.Prepare($"UPDATE {table} SET data = ?2 WHERE rowid = ?1").Bind(1, id).Bind(2, data).Run();
    }

    public static List<Entry> Entries(ulong first, int count, ulong term, int bytes = 20) =>
        [.. Enumerable.Range(0, count).Select(i => new Entry(term, first + (ulong)i, EntryKind.Normal, Encoding.ASCII.GetBytes($"{term}/{first + (ulong)i}".PadRight(bytes))))];

    public static string Show(ILogReader log) =>
        string.Join(' ', log.Read(log.FirstIndex, log.LastIndex + 1, long.MaxValue).Select(e => $"{e.Index}:{e.Term}:{e.Kind}:{Encoding.ASCII.GetString(e.Data.Span).Trim()}"))
        + $" [{log.FirstIndex}..{log.LastIndex}] before {log.TermOf(log.FirstIndex - 1)} state {log.InitialHardState} mark {log.Snapshot.Index}/{log.Snapshot.Term}";

    public static StoreResult Commit(NodeStore store, Action<StoreBatch> fill)
    {
        var batch = new StoreBatch();
        fill(batch);
        return store.Commit(batch);
    }

    public static void MustCommit(NodeStore store, Action<StoreBatch> fill) => Assert.Equal(StoreResult.Success, Commit(store, fill));

    public void Dispose()
    {
        opened.ForEach(s => s.Dispose());
        Directory.Delete(Path, recursive: true);
    }
}
