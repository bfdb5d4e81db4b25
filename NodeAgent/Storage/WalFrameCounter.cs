using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Counts the frames of SQLite's log, as SQLite says with each commit (sqlite.org/c3ref/wal_hook.html). Dispose it after the connection.</summary>
internal sealed unsafe class WalFrameCounter : IDisposable
{
    // Not in an object: the callback gets its address, and nothing is looked up or pinned for a commit.
    private int* frames;

    /// <param name="database">A connection that moves its log only when it is told to: SQLite's own automatic uses the same hook.</param>
    public WalFrameCounter(sqlite3 database)
    {
        frames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _ = sqlite3_wal_hook(database.DangerousGetHandle(), &Committed, (nint)frames);
    }

    /// <summary>Frames in the log up to the end of the last commit; 0 before the first.</summary>
    public int Frames => *frames;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(frames);
        frames = null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Committed(nint counter, nint database, nint name, int count)
    {
        *(int*)counter = count;
        return raw.SQLITE_OK;
    }

#pragma warning disable SYSLIB1054, CA5392 // SQLite's own library, as its package brings it
    [DllImport("e_sqlite3")]
    private static extern nint sqlite3_wal_hook(nint database, delegate* unmanaged[Cdecl]<nint, nint, nint, int, int> callback, nint argument);
#pragma warning restore SYSLIB1054, CA5392
}
