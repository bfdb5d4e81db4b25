namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// The tables of a store. Persisted. Keys are whole numbers, so that each table is one tree: log rows of all groups stand one behind the other in the order in which they were
/// written, so that a commit for many groups touches one page at the tree's right edge and not one per group.
/// </summary>
internal static class StoreSchema
{
    /// <summary>"SCND" at SQLite's place for the kind of a file.</summary>
    public const int ApplicationId = 0x53434E44;

    /// <summary>Bits of a chunk's number in its key; the rest is the generation.</summary>
    public const int ChunkBits = 20;

    /// <summary>One statement each; all in the transaction that makes a store.</summary>
    public static readonly string[] Tables =
    [
        "CREATE TABLE identity (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE hard_state (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE log_start (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE snapshot_mark (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE group_record (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE log (seq INTEGER PRIMARY KEY, grp INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, last_term INTEGER NOT NULL, data BLOB NOT NULL)",
        "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, data BLOB NOT NULL)",
        "CREATE TABLE chunk (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    ];

    /// <summary>Key of a segment's checkpoint.</summary>
    public static long CheckpointKey(int group, int segment) => ((long)group << 16) | (uint)segment;

    /// <summary>Key of a chunk.</summary>
    public static long ChunkKey(ulong generation, int number) => ((long)generation << ChunkBits) + number;
}

/// <summary>The prepared statements of a store.</summary>
internal sealed class StoreStatements(StoreDatabase database)
{
    public StoreStatement Begin { get; } = database.Prepare("BEGIN IMMEDIATE");
    public StoreStatement Commit { get; } = database.Prepare("COMMIT");

    /// <summary>Tables of one blob by id.</summary>
    public StoreBlobTable Identity { get; } = new(database, "identity");
    public StoreBlobTable HardState { get; } = new(database, "hard_state");
    public StoreBlobTable LogStart { get; } = new(database, "log_start");
    public StoreBlobTable SnapshotMark { get; } = new(database, "snapshot_mark");
    public StoreBlobTable GroupRecord { get; } = new(database, "group_record");
    public StoreBlobTable Chunk { get; } = new(database, "chunk");

    public StoreStatement ListLog { get; } = database.Prepare("SELECT seq, grp, first, count, last_term FROM log ORDER BY seq");
    public StoreStatement ReadLog { get; } = database.Prepare("SELECT grp, first, count, last_term, data FROM log WHERE seq = ?1");
    public StoreStatement WriteLog { get; } = database.Prepare("INSERT INTO log (seq, grp, first, count, last_term, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    public StoreStatement DeleteLog { get; } = database.Prepare("DELETE FROM log WHERE seq = ?1");

    public StoreStatement ListCheckpoints { get; } = database.Prepare("SELECT id, generation FROM checkpoint ORDER BY id");
    public StoreStatement ReadCheckpoint { get; } = database.Prepare("SELECT data, generation FROM checkpoint WHERE id = ?1");
    public StoreStatement WriteCheckpoint { get; } = database.Prepare("INSERT OR REPLACE INTO checkpoint (id, generation, data) VALUES (?1, ?2, ?3)");
    public StoreStatement DeleteCheckpoint { get; } = database.Prepare("DELETE FROM checkpoint WHERE id = ?1");

    public StoreStatement NextChunk { get; } = database.Prepare("SELECT id FROM chunk WHERE id >= ?1 ORDER BY id LIMIT 1");
}

/// <summary>A table of one blob by id.</summary>
internal sealed class StoreBlobTable(StoreDatabase database, string name)
{
    /// <summary>Ids, ascending.</summary>
    public StoreStatement List { get; } = database.Prepare($"SELECT id FROM {name} ORDER BY id");

    /// <summary>One row: the blob. Reset it after use.</summary>
    public StoreStatement Read { get; } = database.Prepare($"SELECT data FROM {name} WHERE id = ?1");

    private readonly StoreStatement write = database.Prepare($"INSERT OR REPLACE INTO {name} (id, data) VALUES (?1, ?2)");
    private readonly StoreStatement delete = database.Prepare($"DELETE FROM {name} WHERE id = ?1");

    public void Write(long id, ReadOnlySpan<byte> blob) => write.Bind(1, id).Bind(2, blob).Run();

    public void Delete(long id) => delete.Bind(1, id).Run();
}
