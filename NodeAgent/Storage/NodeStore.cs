using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// What a node must not forget, in one SQLite database (WAL, synchronous=FULL, one process). One writer thread commits; reads may run beside it and
/// wait for a commit under way. Every blob is checked whenever it is read.
/// </summary>
internal sealed partial class NodeStore : IDisposable
{
    private readonly Lock gate = new();
    private readonly StoreOptions options;
    private readonly FileStream lockFile;
    private readonly StoreDatabase database;
    private readonly CommitMark mark;
    private readonly StoreStatements statements;
    private readonly StoreBlobWriter blob = new();
    private readonly Dictionary<ushort, GroupRows> groups = [];
    private readonly Dictionary<long, ulong> checkpoints = [];
    private readonly List<StoreDamage> damages = [];
    private NodeIdentity identity;
    private long walPages;
    private long nextSequence = 1;
    private string? broken;
    private bool disposed;

    private NodeStore(StoreOptions options, FileStream lockFile, CommitMark mark, StoreDatabase database, StoreStatements statements, NodeIdentity identity)
    {
        this.options = options;
        this.lockFile = lockFile;
        this.mark = mark;
        this.database = database;
        this.statements = statements;
        this.identity = identity;
    }

    /// <summary>Who this data folder is.</summary>
    public NodeIdentity Identity
    {
        get
        {
            lock (gate)
            {
                return identity;
            }
        }
    }

    /// <summary>Groups of which anything is held, ascending.</summary>
    public IReadOnlyList<GroupId> Groups
    {
        get
        {
            lock (gate)
            {
                return [.. groups.Keys.Order().Select(g => new GroupId(g))];
            }
        }
    }

    /// <summary>All damage met so far.</summary>
    public IReadOnlyList<StoreDamage> Damages
    {
        get
        {
            lock (gate)
            {
                return [.. damages];
            }
        }
    }

    /// <summary>True from the moment when damage to a log or hard state was met: commits of that group are refused (of all, where the damage is no group's): it neither votes nor acknowledges and must be replaced.</summary>
    public bool IsQuarantined
    {
        get
        {
            lock (gate)
            {
                return IsQuarantined_NeedsLock;
            }
        }
    }

    /// <summary>Bytes in the write-ahead log since it was last moved into the database: the driver calls <see cref="CheckpointWal"/> when it is large and nothing urgent goes on.</summary>
    public long WalBytes => Interlocked.Read(ref walPages) * (options.PageSizeBytes + 24);

    private bool IsQuarantined_NeedsLock => damages.Exists(d => d.Quarantines);

    /// <summary>The damage for which nothing may be written; null: there is none. A damaged group keeps only its own writes out, but for its deletion.</summary>
    private StoreDamage? WhyNotWrite_NeedsLock(StoreBatch? batch)
    {
        if (damages.Count == 0)
        {
            return null;
        }

        return damages.Find(d => d.Quarantines
            && (d.Group is not { } group || batch?.Operations.Any(o => o.Group == group && o.Kind is not (StoreOperationKind.RemoveGroup or StoreOperationKind.ClusterId)) == true));
    }

    /// <summary>Moves the write-ahead log into the database and lets it begin anew; two more syncs, and commits wait. Never during a cut-over.</summary>
    public StoreResult CheckpointWal()
    {
        lock (gate)
        {
            if (broken is null && TryForgetMark_NeedsLock() is { } refused)
            {
                return refused;
            }

            return Guard_NeedsLock(() =>
            {
                database.CheckpointWal(truncate: false);
                _ = database.TakePagesWritten();
                Interlocked.Exchange(ref walPages, 0);
            });
        }
    }

    /// <summary>Deletes up to so many chunks of replaced checkpoints; answers how many checkpoints are left to delete. For idle moments.</summary>
    public StoreResult CollectGarbage(int maxChunks, out int left)
    {
        lock (gate)
        {
            var result = Guard_NeedsLock(() => InTransaction_NeedsLock(() => DeleteGarbage_NeedsLock(maxChunks)));
            left = garbage.Count;
            return result;
        }
    }

    /// <summary>Closes the database; the write-ahead log is moved into it where that works.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (!disposed)
            {
                disposed = true;
                if (broken is not null || TryForgetMark_NeedsLock() is not null)
                {
                    // What reached the disk is unknown: leave everything as it is for the next opening.
                    database.KeepWalOnClose();
                }

                broken ??= "the store is closed";
                database.Dispose();
                mark.Dispose();
                lockFile.Dispose();
            }
        }
    }

    /// <summary>Before the log is moved: null, or why the mark cannot be taken back, and the log must stay.</summary>
    private StoreResult? TryForgetMark_NeedsLock()
    {
        try
        {
            mark.Forget();
            return null;
        }
        catch (IOException e)
        {
            return new StoreResult(StoreErrorKind.Other, $"{options.DatabasePath}: its mark cannot be written ({e.Message}), so its log stays as it is. Check the disk.");
        }
    }

    private void Damage_NeedsLock(StoreDamage damage)
    {
        if (!damages.Contains(damage))
        {
            damages.Add(damage);
        }
    }
}
