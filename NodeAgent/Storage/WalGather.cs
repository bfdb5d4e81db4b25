using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// What SQLite writes to its write-ahead log one piece behind the other, kept until it is wanted: a header of 24 bytes and a page, for each page of a commit, become one call of
/// the system instead of two each. Whoever reads, cuts, measures or syncs the file flushes first, so nobody sees that anything was kept. An error of a kept write is told by
/// that flush: SQLite commits only after a sync, which is one. Not thread-safe, as a file of a connection is not.
/// </summary>
/// <param name="file">SQLite's file.</param>
/// <param name="write">Its own method of writing.</param>
internal sealed unsafe class WalGather(nint file, nint write) : IDisposable
{
    /// <summary>Most that is kept; a longer piece is written at once. SQLite's own method takes less than 128 KiB at a time: it writes no longer pieces itself.</summary>
    public const int MaxBytes = 64 << 10;

    private byte* kept;
    private int count;
    private long start;

    /// <summary>Keeps a piece, or writes it. Answers SQLite's code.</summary>
    public int Write(byte* bytes, int length, long at)
    {
        if (count > 0 && (at != start + count || count + length > MaxBytes))
        {
            var code = Flush();
            if (code != SqliteFiles.Ok)
            {
                return code;
            }
        }

        if (length > MaxBytes)
        {
            return WriteBelow(bytes, length, at);
        }

        if (kept is null)
        {
            kept = (byte*)NativeMemory.Alloc(MaxBytes);
        }

        start = count == 0 ? at : start;
        Buffer.MemoryCopy(bytes, kept + count, MaxBytes - count, length);
        count += length;
        return SqliteFiles.Ok;
    }

    /// <summary>Writes what is kept. Answers SQLite's code; after an error nothing is kept, as after a write of SQLite's own that failed.</summary>
    public int Flush()
    {
        var length = count;
        count = 0;
        return length == 0 ? SqliteFiles.Ok : WriteBelow(kept, length, start);
    }

    /// <summary>Gives the memory back; what is kept is not written.</summary>
    public void Dispose()
    {
        NativeMemory.Free(kept);
        kept = null;
        count = 0;
    }

    private int WriteBelow(byte* bytes, int length, long at) => ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)write)(file, bytes, length, at);
}
