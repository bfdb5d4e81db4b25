using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// How far SQLite's log is known to be durable, kept beside it. SQLite takes the end of its log for the end of what was committed: a log that was cut after a commit was
/// acknowledged opens without a word. The mark is noted after the commit's sync and is itself never synced, so it is never ahead of what is durable, whatever is lost when
/// power fails, and is exact when only the process died. It is forgotten durably before anything lets the log it names go.
/// </summary>
/// <remarks>Persisted: version (4 bytes), salts of the log (8), frames (8), CRC32C of these (4), little-endian. A file that does not read so says nothing.</remarks>
internal sealed class CommitMark : IDisposable
{
    /// <summary>Name of the file in the data folder.</summary>
    internal const string FileName = "node.mark";

    private const int Bytes = 24;
    private const uint Version = 1;
    private readonly SafeFileHandle file;
    private readonly string logPath;
    private readonly byte[] record = new byte[Bytes];
    private readonly byte[] salts = new byte[8];
    private SafeFileHandle? log;
    private ulong oldSalts;
    private ulong noted;
    private long frames;

    private CommitMark(SafeFileHandle file, string logPath) => (this.file, this.logPath) = (file, logPath);

    /// <summary>Opens the mark of a folder or makes an empty one. Throws what the file system throws.</summary>
    public static CommitMark Open(StoreOptions options) => new(
        File.OpenHandle(Path.Combine(options.Folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read), options.DatabasePath + "-wal");

    /// <summary>What the log must hold: at least so many good frames under these salts. Null where nothing is noted.</summary>
    public (ulong Salts, long Frames)? Read()
    {
        var read = RandomAccess.Read(file, record, 0);
        if (read < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(record) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(20)) != Crc32C.Of(record.AsSpan(0, 20)))
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(12));
        return count > 0 ? (BinaryPrimitives.ReadUInt64BigEndian(record.AsSpan(4)), count) : null;
    }

    /// <summary>Nothing is known any more, durably. Before the log is moved into the database, or closed: it may begin anew then.</summary>
    /// <exception cref="IOException">It could not be written, or not be made durable: the log must stay.</exception>
    public void Forget()
    {
        (oldSalts, noted, frames) = (noted == 0 ? oldSalts : noted, 0, 0);
        Write(0, 0);
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (!WalSync.TrySyncData((int)file.DangerousGetHandle()))
        {
            // The runtime's own flush says nothing of an error.
            throw new IOException($"{FileName} could not be made durable.");
        }
    }

    /// <summary>A commit is durable that ends with this frame. One or two short system calls.</summary>
    public void Note(long lastFrame)
    {
        if (lastFrame == frames)
        {
            return;
        }

        try
        {
            // A log begins anew with other salts only after it was moved, once: from then on they stand.
            if (noted == 0 || noted == oldSalts || lastFrame < frames)
            {
                log ??= File.OpenHandle(logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (RandomAccess.Read(log, salts, WalInspector.SaltsAt) < salts.Length)
                {
                    return;
                }

                noted = BinaryPrimitives.ReadUInt64BigEndian(salts);
            }

            Write(noted, lastFrame);
            frames = lastFrame;
        }
        catch (IOException)
        {
            // The commit stands. What was noted before is still true, and says only less.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        log?.Dispose();
    }

    private void Write(ulong ofSalts, long count)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, Version);
        BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(4), ofSalts);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(12), count);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), Crc32C.Of(record.AsSpan(0, 20)));
        RandomAccess.Write(file, record, 0);
    }
}
