using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// A layer between SQLite and the write-ahead log's file: a copy of SQLite's own file system (sqlite.org/c3ref/vfs.html). It syncs that file by fdatasync instead of
/// fsync: the log is overwritten in place once it has its size, so what fsync adds is the file's time stamps, a second write to the disk with every commit. And it hands what
/// SQLite writes in small pieces one behind the other, two for each page of a commit, to the system in one call (<see cref="WalGather"/>). When SQLite syncs, and what it does
/// with an error, stays its own. Where the system is not Linux the layer is left out.
/// </summary>
internal static unsafe partial class WalSync
{
    private const int OpenWal = 0x80000;
    private const int ReadOnlyCloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private static readonly Lock Gate = new();
    private static readonly Dictionary<nint, nint> Patched = [];
    private static readonly Dictionary<nint, LogFile> Files = [];
    private static nint below;

    /// <summary>Syncs of data alone by the calling thread; for tests.</summary>
    [field: ThreadStatic]
    internal static long DataSyncs { get; private set; }

    /// <summary>Puts the layer under every database that is opened from here on; once, further calls change nothing.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (OperatingSystem.IsLinux() && below == 0)
            {
                below = SqliteFiles.AddLayer("wal-data-sync", &Open);
            }
        }
    }

    /// <summary>Syncs a file's data, and of what describes it only what reading it again needs. False: it failed, and what reached the disk is unknown.</summary>
    internal static bool TrySyncData(int descriptor)
    {
        while (fdatasync(descriptor) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                return false;
            }
        }

        DataSyncs++;
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint vfs, nint name, nint file, int flags, int* outFlags)
    {
        var code = SqliteFiles.OpenBelow(below, name, file, flags, outFlags);
        if (code != SqliteFiles.Ok || (flags & OpenWal) == 0 || name == 0)
        {
            return code;
        }

        // A descriptor of its own: where SQLite keeps its one is its secret. The log's file carries no locks that closing it could drop.
        var descriptor = open((byte*)name, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            return code;
        }

        lock (Gate)
        {
            var methods = *(nint*)file;
            if (!Patched.TryGetValue(methods, out var patched))
            {
                patched = Patched[methods] = Patch(methods);
            }

            *(nint*)file = patched;
            Files[file] = new LogFile(methods, descriptor, new WalGather(file, *(nint*)(methods + SqliteFiles.Write)));
        }

        return code;
    }

    private static nint Patch(nint methods)
    {
        var copy = SqliteFiles.CopyOf(methods);
        *(nint*)(copy + SqliteFiles.Close) = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Close;
        *(nint*)(copy + SqliteFiles.Read) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Read;
        *(nint*)(copy + SqliteFiles.Write) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Write;
        *(nint*)(copy + SqliteFiles.Truncate) = (nint)(delegate* unmanaged[Cdecl]<nint, long, int>)&Truncate;
        *(nint*)(copy + SqliteFiles.Size) = (nint)(delegate* unmanaged[Cdecl]<nint, long*, int>)&Size;
        *(nint*)(copy + SqliteFiles.Sync) = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
        return copy;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint file, byte* bytes, int count, long at) => LogOf(file).Gather.Write(bytes, count, at);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint file, byte* bytes, int count, long at)
    {
        var log = LogOf(file);
        var code = log.Gather.Flush();
        return code == SqliteFiles.Ok ? ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)(*(nint*)(log.Methods + SqliteFiles.Read)))(file, bytes, count, at) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint file, long size)
    {
        var log = LogOf(file);
        var code = log.Gather.Flush();
        return code == SqliteFiles.Ok ? ((delegate* unmanaged[Cdecl]<nint, long, int>)(*(nint*)(log.Methods + SqliteFiles.Truncate)))(file, size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Size(nint file, long* size)
    {
        var log = LogOf(file);
        var code = log.Gather.Flush();
        return code == SqliteFiles.Ok ? ((delegate* unmanaged[Cdecl]<nint, long*, int>)(*(nint*)(log.Methods + SqliteFiles.Size)))(file, size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags)
    {
        var log = LogOf(file);
        var code = log.Gather.Flush();
        if (code != SqliteFiles.Ok)
        {
            return code;
        }

        var isFirst = !log.IsSynced;
        log.IsSynced = true;

        // The first time SQLite syncs the folder as well, where it made the file.
        return isFirst ? ((delegate* unmanaged[Cdecl]<nint, int, int>)(*(nint*)(log.Methods + SqliteFiles.Sync)))(file, flags)
            : TrySyncData(log.Descriptor) ? SqliteFiles.Ok
            : SqliteFiles.SyncError;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint file)
    {
        LogFile? log;
        lock (Gate)
        {
            Files.Remove(file, out log);
        }

        // What no sync followed was never committed, but where the file is read on, it is to be as SQLite left it.
        _ = log!.Gather.Flush();
        log.Gather.Dispose();
        _ = close(log.Descriptor);
        return ((delegate* unmanaged[Cdecl]<nint, int>)(*(nint*)(log.Methods + SqliteFiles.Close)))(file);
    }

    private static LogFile LogOf(nint file)
    {
        lock (Gate)
        {
            return Files[file];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    /// <summary>An open write-ahead log. Used by the thread that uses its connection.</summary>
    /// <param name="methods">SQLite's own methods of the file. Kept here: a layer above may have put others into it.</param>
    /// <param name="descriptor">Of this layer.</param>
    /// <param name="gather">What is written to it.</param>
    private sealed class LogFile(nint methods, int descriptor, WalGather gather)
    {
        public nint Methods { get; } = methods;

        public int Descriptor { get; } = descriptor;

        public WalGather Gather { get; } = gather;

        /// <summary>Whether it was synced since it was opened.</summary>
        public bool IsSynced { get; set; }
    }
}
