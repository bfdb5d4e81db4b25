namespace ShardConsole.NodeAgent.Storage;

/// <summary>Options of a node's store. Sizes in bytes.</summary>
internal sealed record StoreOptions
{
    /// <summary>The data folder; the store is the file node.db in it (with node.db-wal and node.lock beside it). Made where it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Page size of a new database: a power of two, 512 .. 65536. Each commit writes whole pages, so small is good for small commits.</summary>
    public int PageSizeBytes { get; init; } = 4096;

    /// <summary>SQLite's page cache.</summary>
    public int CacheBytes { get; init; } = 64 << 20;

    /// <summary>Largest chunk of a checkpoint that is accepted, header included.</summary>
    public int MaxChunkBytes { get; init; } = (1 << 20) + 1024;

    /// <summary>Largest log row: a longer run of entries of one group is split into several rows of the same transaction.</summary>
    public int MaxLogRowBytes { get; init; } = 1 << 20;

    /// <summary>Chunks of replaced checkpoints deleted per commit that stages chunks, and for each of those: bounds the longest commit.</summary>
    public int GarbageChunksPerStagedChunk { get; init; } = 2;

    /// <summary>Largest database in pages; 0: no limit but the disk. Beyond it commits answer <see cref="StoreErrorKind.Full"/>.</summary>
    public int MaxPages { get; init; }

    /// <summary>Name of the database file in the folder.</summary>
    public const string FileName = "node.db";

    /// <summary>Format that is written: persisted. This version and the one before it can be read.</summary>
    public const int FormatVersion = 1;

    /// <summary>Path of the database file.</summary>
    public string DatabasePath => Path.Combine(Folder, FileName);

    /// <summary>All complaints about these options; empty when they are right.</summary>
    public IReadOnlyList<string> Validate()
    {
        var complaints = new List<string>();
        Check(Folder.Length > 0, "the data folder is empty: name a folder");
        Check(PageSizeBytes is >= 512 and <= 65536 && (PageSizeBytes & (PageSizeBytes - 1)) == 0, $"page size {PageSizeBytes}: use a power of two from 512 to 65536");
        Check(CacheBytes >= 1 << 20, $"cache of {CacheBytes} bytes: use at least 1 MiB");
        Check(MaxChunkBytes is >= 4096 and <= 64 << 20, $"chunks of {MaxChunkBytes} bytes: use 4 KiB to 64 MiB");
        Check(MaxLogRowBytes is >= 4096 and <= 64 << 20, $"log rows of {MaxLogRowBytes} bytes: use 4 KiB to 64 MiB");
        Check(GarbageChunksPerStagedChunk >= 1, $"{GarbageChunksPerStagedChunk} garbage chunks per staged chunk: use at least 1, or the file grows for ever");
        Check(MaxPages >= 0, $"at most {MaxPages} pages: use 0 for no limit");
        return complaints;

        void Check(bool holds, string complaint)
        {
            if (!holds)
            {
                complaints.Add(complaint);
            }
        }
    }
}
