using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>
/// A layer between SQLite and its files: a copy of SQLite's own file system (sqlite.org/c3ref/vfs.html) whose files pass their writes and syncs by the
/// failpoints. Only installed where failpoints are set. Where power is to fail it remembers what each write replaced until the file is synced.
/// </summary>
internal static unsafe class FaultyFiles
{
    private const int Ok = SqliteFiles.Ok;
    private const int Full = 13;
    private const int WriteError = 10 | (3 << 8);
    private static readonly Lock Gate = new();
    private static readonly Dictionary<nint, nint> Patched = [];
    private static readonly Dictionary<nint, nint> Replaced = [];
    private static readonly Dictionary<nint, Unsynced> Files = [];
    private static nint below;
    private static bool remembers;

    /// <summary>Puts the layer under every database that is opened from here on.</summary>
    public static void Install(bool remember)
    {
        remembers = remember;
        WalSync.Install();
        below = SqliteFiles.AddLayer("failpoints", &Open);
    }

    /// <summary>What a power failure may do: of the writes since the last sync of each file any part is lost. Which, the seed says.</summary>
    public static void LoseUnsynced(long seed)
    {
        lock (Gate)
        {
            var random = new Random((int)seed);
            foreach (var (file, unsynced) in Files)
            {
                unsynced.Lose(file, random);
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint vfs, nint name, nint file, int flags, int* outFlags)
    {
        var code = SqliteFiles.OpenBelow(below, name, file, flags, outFlags);
        if (code != Ok)
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
            Files[file] = new Unsynced(Marshal.PtrToStringUTF8(name) ?? "");
        }

        return Ok;
    }

    private static nint Patch(nint methods)
    {
        var copy = SqliteFiles.CopyOf(methods);
        Replaced[copy] = methods;
        *(nint*)(copy + SqliteFiles.Close) = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Close;
        *(nint*)(copy + SqliteFiles.Write) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Write;
        *(nint*)(copy + SqliteFiles.Truncate) = (nint)(delegate* unmanaged[Cdecl]<nint, long, int>)&Truncate;
        *(nint*)(copy + SqliteFiles.Sync) = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
        return copy;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint file)
    {
        lock (Gate)
        {
            Files.Remove(file);
        }

        return ((delegate* unmanaged[Cdecl]<nint, int>)Method(file, SqliteFiles.Close))(file);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint file, byte* bytes, int count, long at)
    {
        if (Code(Failpoint.Ask("write.before"), WriteError) is { } refused)
        {
            return refused;
        }

        if (remembers)
        {
            lock (Gate)
            {
                Files[file].Remember(file, at, count);
            }
        }

        var code = RawWrite(file, bytes, count, at);
        return code == Ok ? Code(Failpoint.Ask("write.after"), WriteError) ?? Ok : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint file, long size)
    {
        if (remembers)
        {
            lock (Gate)
            {
                Files[file].Remember(file, size, (int)Math.Max(0, RawSize(file) - size));
            }
        }

        return RawTruncate(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags)
    {
        if (Code(Failpoint.Ask("fsync.before"), SqliteFiles.SyncError) is { } refused)
        {
            return refused;
        }

        var code = ((delegate* unmanaged[Cdecl]<nint, int, int>)Method(file, SqliteFiles.Sync))(file, flags);
        if (code != Ok)
        {
            return code;
        }

        lock (Gate)
        {
            Files[file].Clear();
        }

        return Code(Failpoint.Ask("fsync.after"), SqliteFiles.SyncError) ?? Ok;
    }

    private static int? Code(FailpointAction? failure, int error) => failure switch
    {
        FailpointAction.Error => error,
        FailpointAction.Full => Full,
        _ => null,
    };

    private static nint Method(nint file, int offset)
    {
        lock (Gate)
        {
            return *(nint*)(Replaced[*(nint*)file] + offset);
        }
    }

    private static int RawWrite(nint file, byte* bytes, int count, long at) =>
        ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)Method(file, SqliteFiles.Write))(file, bytes, count, at);

    private static int RawTruncate(nint file, long size) => ((delegate* unmanaged[Cdecl]<nint, long, int>)Method(file, SqliteFiles.Truncate))(file, size);

    private static long RawSize(nint file)
    {
        long size;
        return ((delegate* unmanaged[Cdecl]<nint, long*, int>)Method(file, SqliteFiles.Size))(file, &size) == Ok ? size : 0;
    }

    /// <summary>What the writes to a file have replaced since it was synced.</summary>
    private sealed class Unsynced(string path)
    {
        private readonly List<(long At, byte[] Old, long OldSize)> writes = [];

        public void Clear() => writes.Clear();

        public void Remember(nint file, long at, int count)
        {
            var size = RawSize(file);
            var old = new byte[Math.Clamp(size - at, 0, count)];
            if (old.Length > 0)
            {
                fixed (byte* bytes = old)
                {
                    _ = ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)Method(file, SqliteFiles.Read))(file, bytes, old.Length, at);
                }
            }

            writes.Add((at, old, size));
        }

        public void Lose(nint file, Random random)
        {
            var kept = 0L;
            for (var i = writes.Count - 1; i >= 0; i--)
            {
                var (at, old, oldSize) = writes[i];
                if (random.Next(2) == 0)
                {
                    kept = Math.Max(kept, RawSize(file));
                    continue;
                }

                fixed (byte* bytes = old)
                {
                    _ = old.Length > 0 ? RawWrite(file, bytes, old.Length, at) : Ok;
                }

                if (RawSize(file) > oldSize && kept <= oldSize)
                {
                    _ = RawTruncate(file, oldSize);
                }
            }

            // After a power failure the machine has another boot id than the one that the lock file names: a new file names none.
            if (path.Length > 0)
            {
                File.Delete(Path.Combine(Path.GetDirectoryName(path)!, NodeStore.LockName));
            }
        }
    }
}
