using System.Buffers.Binary;
using System.Text;
using SQLitePCL;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Opening a store: lock, look at the write-ahead log and what is known of its end, check whose file it is, open, read the index, count the boot.</summary>
internal sealed partial class NodeStore
{
    /// <summary>Name of the file that is held while the store is open.</summary>
    internal const string LockName = "node.lock";

    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Opens the store of a folder, or makes it with an id drawn by <paramref name="newId"/> (called only then; never 0).</summary>
    public static StoreOpening Open(StoreOptions options, Func<ulong> newId)
    {
        if (options.Validate() is { Count: > 0 } complaints)
        {
            return Failed(StoreOpenError.Options, string.Join("; ", complaints));
        }

        FileStream? lockFile = null;
        StoreDatabase? database = null;
        CommitMark? mark = null;
        try
        {
            Directory.CreateDirectory(options.Folder);
            lockFile = new FileStream(Path.Combine(options.Folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            mark = CommitMark.Open(options);
            var opening = OpenLocked(options, newId, lockFile, mark, ref database);
            if (opening.Succeeded)
            {
                return opening;
            }

            Close();
            return opening;
        }
        catch (StoreDatabaseException e)
        {
            Close();
            return Failed(ErrorOf(e), $"{options.DatabasePath}: {Sentence(e)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            return lockFile is null && IsSharing(e)
                ? Failed(StoreOpenError.Locked, $"The data folder {options.Folder} is in use by another process: stop that one, or give this node a folder of its own.")
                : Failed(StoreOpenError.Io, $"The data folder {options.Folder} cannot be used: {e.Message}");
        }

        void Close()
        {
            // What could not be opened is evidence: its log stays.
            database?.KeepWalOnClose();
            database?.Dispose();
            mark?.Dispose();
            lockFile?.Dispose();
        }
    }

    private static StoreOpening OpenLocked(StoreOptions options, Func<ulong> newId, FileStream lockFile, CommitMark mark, ref StoreDatabase? database)
    {
        var path = options.DatabasePath;
        if (ForeignHeader(path) is { } foreign)
        {
            return Failed(StoreOpenError.Foreign, foreign);
        }

        var inspection = WalInspector.Inspect(path + "-wal", PowerMayHaveFailed(lockFile));
        if (WhatIsLost(path, inspection, mark.Read()) is { } lost)
        {
            return Failed(
                StoreOpenError.Damaged,
                $"{lost}. This node may have forgotten what it acknowledged: move the folder away and let the node join anew as another one.");
        }

        database = StoreDatabase.Open(path);
        var version = Configure(database, options);
        if (version > StoreOptions.FormatVersion || (version != 0 && version < StoreOptions.FormatVersion - 1))
        {
            return Failed(
                StoreOpenError.Format,
                $"{path} has format {version}; this program reads {Math.Max(1, StoreOptions.FormatVersion - 1)} to {StoreOptions.FormatVersion}: start the program that wrote it, or a newer one.");
        }

        if (version == 0)
        {
            Create(database, new NodeId(newId()));
        }

        var statements = new StoreStatements(database);
        if (ReadIdentity(statements, out var identity) is { } complaint)
        {
            return Failed(StoreOpenError.Damaged, $"{path}: the node's identity {complaint}. Move the folder away and let the node join anew as another one.");
        }

        identity = identity with { Boot = identity.Boot + 1 };
        var store = new NodeStore(options, lockFile, mark, database, statements, identity);
        store.ReadIndex_NeedsLock();

        // Before anything is written: frames left behind by a torn tail must not mix with those of later commits.
        mark.Forget();
        database.CheckpointWal(truncate: true);
        database.CountWalFrames();
        store.InTransaction_NeedsLock(() => store.WriteIdentity_NeedsLock(identity));
        _ = database.TakePagesWritten();
        WriteBootId(lockFile);
        return new StoreOpening(store, StoreOpenError.None, "");
    }

    /// <summary>Sets the connection up and answers the format version, 0 for a store that is not finished.</summary>
    private static int Configure(StoreDatabase database, StoreOptions options)
    {
        // Exclusive before the first access: the index of the write-ahead log is then in this process's memory, and a second process is refused.
        database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        database.Execute($"PRAGMA page_size = {options.PageSizeBytes}");
        database.Execute($"PRAGMA cache_size = -{options.CacheBytes / 1024}");
        database.Execute("PRAGMA synchronous = FULL");
        database.Execute("PRAGMA temp_store = MEMORY");
        database.Execute("PRAGMA cell_size_check = ON");
        if (database.Execute("PRAGMA application_id") == "0")
        {
            // Before the change to WAL: whenever this is interrupted, the file is either empty or says whose it is.
            database.Execute($"PRAGMA application_id = {StoreSchema.ApplicationId}");
        }

        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute("PRAGMA wal_autocheckpoint = 0");
        if (options.MaxPages > 0)
        {
            database.Execute($"PRAGMA max_page_count = {options.MaxPages}");
        }

        return int.Parse(database.Execute("PRAGMA user_version"), null);
    }

    private static void Create(StoreDatabase database, NodeId node)
    {
        if (node.IsNone)
        {
            throw new ArgumentException("The id drawn for a new node is 0.");
        }

        database.Execute("BEGIN IMMEDIATE");
        foreach (var table in StoreSchema.Tables)
        {
            database.Execute(table);
        }

        var statements = new StoreStatements(database);
        statements.Identity.Write(1, Encode(new StoreBlobWriter(), new NodeIdentity(node, "", 0)));
        database.Execute($"PRAGMA user_version = {StoreOptions.FormatVersion}");
        database.Execute("COMMIT");
    }

    /// <summary>What the files lack of what was committed to them, in a sentence; null: nothing.</summary>
    private static string? WhatIsLost(string path, WalInspection log, (ulong Salts, long Frames)? mark)
    {
        if (log.Verdict == WalVerdict.Damaged)
        {
            return $"{path}-wal is damaged: {log.Message}";
        }

        if ((!File.Exists(path) || new FileInfo(path).Length == 0) && (mark is not null || log.GoodFrames > 0))
        {
            return $"{path} is {(File.Exists(path) ? "empty" : "gone")}, although commits were written to it";
        }

        if (mark is not { } noted)
        {
            return null;
        }

        return log.Salts != noted.Salts ? $"{path}-wal is gone or another one, although {noted.Frames} frames of commits were durable in it"
            : log.GoodFrames < noted.Frames ? $"{path}-wal was cut or is damaged: {log.GoodFrames} of the {noted.Frames} frames of finished commits are left"
            : null;
    }

    /// <summary>A complaint where the file is there and not ours; looks without SQLite, which would change it.</summary>
    private static string? ForeignHeader(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var header = new byte[100];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        var ours = read == header.Length && header.AsSpan(0, 16).SequenceEqual("SQLite format 3\0"u8)
            && BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(68)) == StoreSchema.ApplicationId;
        return ours ? null : $"{path} is not a store of a ShardConsole node: name another data folder, or move that file away.";
    }

    private static string? ReadIdentity(StoreStatements statements, out NodeIdentity identity)
    {
        identity = new NodeIdentity(default, "", 0);
        var read = statements.Identity.Read.Bind(1, 1);
        try
        {
            if (!read.Step())
            {
                return "is missing";
            }

            if (!StoreBlobReader.TryOpen(read.Blob(0), StoreBlobKind.Identity, out var reader, out var complaint))
            {
                return complaint;
            }

            var node = new NodeId(reader.UInt64());
            var boot = reader.UInt64();
            identity = new NodeIdentity(node, Encoding.UTF8.GetString(reader.Bytes(reader.Left)), boot);
            return reader.IsComplete && !node.IsNone ? null : "is incomplete";
        }
        finally
        {
            read.Reset();
        }
    }

    private static ReadOnlySpan<byte> Encode(StoreBlobWriter writer, NodeIdentity identity)
    {
        writer.Begin(StoreBlobKind.Identity);
        writer.UInt64(identity.Node.Value);
        writer.UInt64(identity.Boot);
        writer.Bytes(Encoding.UTF8.GetBytes(identity.ClusterId));
        return writer.Finish();
    }

    private void WriteIdentity_NeedsLock(NodeIdentity changed)
    {
        statements.Identity.Write(1, Encode(blob, changed));
        identity = changed;
    }

    /// <summary>True unless the lock file names this very boot of the machine, which the last opening wrote there.</summary>
    private static bool PowerMayHaveFailed(FileStream lockFile)
    {
        var text = new byte[128];
        lockFile.Position = 0;
        var read = lockFile.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return BootId() is not { Length: > 0 } now || Encoding.ASCII.GetString(text, 0, read) != now;
    }

    private static void WriteBootId(FileStream lockFile)
    {
        lockFile.SetLength(0);
        lockFile.Write(Encoding.ASCII.GetBytes(BootId()));
        lockFile.Flush();
    }

    private static string BootId() => File.Exists(BootIdPath) ? File.ReadAllText(BootIdPath).Trim() : "";

    private static bool IsSharing(Exception e) => e is IOException { HResult: 11 or unchecked((int)0x80070020) };

    private static StoreOpenError ErrorOf(StoreDatabaseException e) => e.PrimaryCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StoreOpenError.Locked,
        raw.SQLITE_NOTADB => StoreOpenError.Foreign,
        raw.SQLITE_CORRUPT => StoreOpenError.Damaged,
        _ => StoreOpenError.Io,
    };

    private static string Sentence(StoreDatabaseException e) => e.PrimaryCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process holds the database: stop that one, or give this node a folder of its own.",
        raw.SQLITE_NOTADB => "this is not a store of a ShardConsole node: name another data folder, or move that file away.",
        raw.SQLITE_CORRUPT => $"the database is damaged ({e.Message}). Move the folder away and let the node join anew as another one.",
        raw.SQLITE_FULL => "the disk is full: make room.",
        _ => $"{e.Message} (SQLite code {e.Code}).",
    };

    private static StoreOpening Failed(StoreOpenError error, string message) => new(null, error, message);
}
