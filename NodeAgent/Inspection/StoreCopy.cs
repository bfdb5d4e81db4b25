using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Inspection;

/// <summary>
/// A copy of a data folder's store, in a folder of its own that is removed at the end. Opening a store changes it (the write-ahead log is moved, the boot
/// counted); what is to be inspected may be evidence, so only the copy is opened. The folder must not be in use.
/// </summary>
internal sealed class StoreCopy : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("shardconsole-inspect-").FullName;

    private StoreCopy()
    {
    }

    /// <summary>The opened copy, or why it could not be opened.</summary>
    public StoreOpening Opening { get; private set; } = new(null, StoreOpenError.Io, "");

    /// <summary>Copies and opens a store.</summary>
    /// <exception cref="StartupException">There is no store in the folder, a node is using it, or it cannot be read.</exception>
    public static StoreCopy Open(string data)
    {
        var from = new StoreOptions { Folder = data };
        if (!File.Exists(from.DatabasePath))
        {
            throw new StartupException($"There is no {StoreOptions.FileName} in {data}: name the data folder of a node.");
        }

        var copy = new StoreCopy();
        try
        {
            copy.Take(from);
            return copy;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            copy.Dispose();
            throw new StartupException($"The data folder {data} cannot be read: {e.Message} Stop the node that uses it, or mend its rights.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Opening.Store?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Take(StoreOptions from)
    {
        var to = new StoreOptions { Folder = folder };
        var lockPath = Path.Combine(from.Folder, NodeStore.LockName);
        using (var held = File.Exists(lockPath) ? new FileStream(lockPath, FileMode.Open, FileAccess.Read, FileShare.None) : null)
        {
            File.Copy(from.DatabasePath, to.DatabasePath);
            if (File.Exists(from.DatabasePath + "-wal"))
            {
                File.Copy(from.DatabasePath + "-wal", to.DatabasePath + "-wal");
            }

            var mark = Path.Combine(from.Folder, CommitMark.FileName);
            if (File.Exists(mark))
            {
                File.Copy(mark, Path.Combine(folder, CommitMark.FileName));
            }

            if (held is not null)
            {
                // It says whether the machine was started anew since: that decides what a torn tail means.
                using var copied = File.Create(Path.Combine(folder, NodeStore.LockName));
                held.CopyTo(copied);
            }
        }

        Opening = NodeStore.Open(to, static () => throw new InvalidDataException("The store holds no identity: it was never finished."));
    }
}
