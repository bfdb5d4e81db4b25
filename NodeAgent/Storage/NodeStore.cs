using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// What a node must not forget, in one SQLite database (WAL, synchronous=FULL, one process). One writer thread commits; reads may run beside it.
/// </summary>
internal sealed class NodeStore : IDisposable
{
    public NodeIdentity Identity => throw new NotImplementedException();

    /// <summary>Groups of which anything is held, ascending.</summary>
    public IReadOnlyList<GroupId> Groups => throw new NotImplementedException();

    /// <summary>True from the moment when damage to a log or hard state was met: commits are refused.</summary>
    public bool IsQuarantined => throw new NotImplementedException();

    /// <summary>Size of the write-ahead log: the driver calls <see cref="CheckpointWal"/> when it is large and nothing urgent goes on.</summary>
    public long WalBytes => throw new NotImplementedException();

    /// <summary>Opens the store of a folder, or makes it with an id drawn by <paramref name="newId"/> (called only then).</summary>
    public static StoreOpening Open(StoreOptions options, Func<ulong> newId) => throw new NotImplementedException();

    /// <summary>Reads and checks everything of a group but the chunks; an unknown group is empty.</summary>
    public GroupImage LoadGroup(GroupId group) => throw new NotImplementedException();

    /// <summary>Begins a new checkpoint of a segment. Any thread.</summary>
    public CheckpointWriter BeginCheckpoint(GroupId group, SegmentId segment) => throw new NotImplementedException();

    /// <summary>Opens a segment's newest complete checkpoint for reading; null where there is none.</summary>
    public CheckpointReader? ReadCheckpoint(GroupId group, SegmentId segment) => throw new NotImplementedException();

    /// <summary>Writes a batch in one transaction with one fsync: all of it or nothing.</summary>
    public StoreResult Commit(StoreBatch batch) => throw new NotImplementedException();

    /// <summary>Moves the write-ahead log into the database and starts it anew. Never during a cut-over.</summary>
    public StoreResult CheckpointWal() => throw new NotImplementedException();

    /// <summary>Deletes up to so many chunks of replaced checkpoints; answers how many are left. For idle moments.</summary>
    public StoreResult CollectGarbage(int maxChunks, out int left) => throw new NotImplementedException();

    internal ChunkReadStatus ReadChunk(CheckpointHeader header, int number, out ReadOnlyMemory<byte> chunk) => throw new NotImplementedException();

    internal void Unpin(ulong generation) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
