using SQLitePCL;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>An error that SQLite reported; leaves the folder only as a <see cref="StoreResult"/>.</summary>
internal sealed class StoreDatabaseException(int code, string message) : Exception(message)
{
    /// <summary>Extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>Primary result code.</summary>
    public int PrimaryCode => Code & 0xff;
}

/// <summary>One connection to SQLite and what is asked of it. Not thread-safe.</summary>
internal sealed class StoreDatabase : IDisposable
{
    private const int DbStatusCacheWrite = 9;
    private readonly sqlite3 handle;
    private readonly List<StoreStatement> statements = [];
    private WalFrameCounter? frames;

    static StoreDatabase()
    {
        Batteries_V2.Init();
        WalSync.Install();
    }

    private StoreDatabase(sqlite3 handle) => this.handle = handle;

    /// <summary>Opens or makes a database file.</summary>
    public static StoreDatabase Open(string path)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errmsg(handle).utf8_to_string();
            handle.Dispose();
            throw new StoreDatabaseException(code, message);
        }

        _ = raw.sqlite3_extended_result_codes(handle, 1);
        return new StoreDatabase(handle);
    }

    /// <summary>Frames in the write-ahead log up to the end of the last commit, from <see cref="CountWalFrames"/> on.</summary>
    public int WalFrames => frames?.Frames ?? 0;

    /// <summary>False while a transaction is open.</summary>
    public bool IsIdle => raw.sqlite3_get_autocommit(handle) != 0;

    /// <summary>Compiles a statement that lives as long as the connection.</summary>
    public StoreStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var compiled));
        var statement = new StoreStatement(this, compiled);
        statements.Add(statement);
        return statement;
    }

    /// <summary>Runs one statement and answers the first column of its first row as text; empty where there is none.</summary>
    public string Execute(string sql)
    {
        Check(raw.sqlite3_prepare_v2(handle, sql, out var compiled));
        using (compiled)
        {
            var code = raw.sqlite3_step(compiled);
            if (code == raw.SQLITE_DONE)
            {
                return "";
            }

            if (code != raw.SQLITE_ROW)
            {
                Check(code);
            }

            var text = raw.sqlite3_column_text(compiled, 0).utf8_to_string() ?? "";
            while ((code = raw.sqlite3_step(compiled)) == raw.SQLITE_ROW)
            {
            }

            Check(code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
            return text;
        }
    }

    /// <summary>Moves the write-ahead log into the database; with <paramref name="truncate"/> cuts its file to nothing.</summary>
    public void CheckpointWal(bool truncate)
    {
        Check(raw.sqlite3_wal_checkpoint_v2(handle, "main", truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _));
    }

    /// <summary>Begins to count; after the automatic moving of the log was switched off.</summary>
    public void CountWalFrames() => frames ??= new WalFrameCounter(handle);

    /// <summary>Closing must not move the write-ahead log into the database.</summary>
    public void KeepWalOnClose() => _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    /// <summary>Pages written since the last call.</summary>
    public int TakePagesWritten()
    {
        _ = raw.sqlite3_db_status(handle, DbStatusCacheWrite, out var pages, out _, 1);
        return pages;
    }

    /// <summary>Throws what SQLite reported, unless it is OK.</summary>
    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new StoreDatabaseException(code, raw.sqlite3_errmsg(handle).utf8_to_string());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in statements)
        {
            statement.Dispose();
        }

        handle.Dispose();
        frames?.Dispose();
    }
}
