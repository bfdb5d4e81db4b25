using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// Puts layers between SQLite and its files: copies of its file system (sqlite.org/c3ref/vfs.html, sqlite.org/c3ref/io_methods.html) of which single methods are replaced.
/// A layer lies above those that were put there before it.
/// </summary>
internal static unsafe class SqliteFiles
{
    /// <summary>SQLite's code for success.</summary>
    public const int Ok = 0;

    /// <summary>SQLite's code of a sync that failed.</summary>
    public const int SyncError = 10 | (4 << 8);

    /// <summary>Where the methods of a file stand in their table.</summary>
    public const int Close = 8;

    /// <inheritdoc cref="Close"/>
    public const int Read = 16;

    /// <inheritdoc cref="Close"/>
    public const int Write = 24;

    /// <inheritdoc cref="Close"/>
    public const int Truncate = 32;

    /// <inheritdoc cref="Close"/>
    public const int Sync = 40;

    /// <inheritdoc cref="Close"/>
    public const int Size = 48;

    private const int SystemBytes = 168;
    private const int SystemName = 24;
    private const int SystemOpen = 40;
    private const int MethodsBytes = 152;

    /// <summary>Makes a layer the one that every database opened from here on goes through.</summary>
    /// <param name="name">Of the layer.</param>
    /// <param name="open">Opens a file; is to call <see cref="OpenBelow"/>.</param>
    /// <returns>What lies below.</returns>
    public static nint AddLayer(string name, delegate* unmanaged[Cdecl]<nint, nint, nint, int, int*, int> open)
    {
        var below = sqlite3_vfs_find(0);
        var layer = below == 0 ? 0 : (nint)NativeMemory.AllocZeroed(SystemBytes);
        if (layer != 0)
        {
            Buffer.MemoryCopy((void*)below, (void*)layer, SystemBytes, SystemBytes);
            *(nint*)(layer + SystemName) = Marshal.StringToCoTaskMemUTF8(name);
            *(nint*)(layer + SystemOpen) = (nint)open;
        }

        return layer != 0 && sqlite3_vfs_register(layer, 1) == Ok ? below : throw new InvalidOperationException($"SQLite refused the layer '{name}' over its files.");
    }

    /// <summary>Opens a file in what lies below a layer.</summary>
    public static int OpenBelow(nint below, nint name, nint file, int flags, int* outFlags) =>
        ((delegate* unmanaged[Cdecl]<nint, nint, nint, int, int*, int>)(*(nint*)(below + SystemOpen)))(below, name, file, flags, outFlags);

    /// <summary>A copy of a file's table of methods, in which single ones can be replaced. Lives as long as the process.</summary>
    public static nint CopyOf(nint methods)
    {
        var copy = (nint)NativeMemory.AllocZeroed(MethodsBytes);
        Buffer.MemoryCopy((void*)methods, (void*)copy, MethodsBytes, MethodsBytes);
        return copy;
    }

#pragma warning disable SYSLIB1054, CA5392 // SQLite's own library, as its package brings it
    [DllImport("e_sqlite3")]
    private static extern nint sqlite3_vfs_find(nint name);

    [DllImport("e_sqlite3")]
    private static extern int sqlite3_vfs_register(nint vfs, int makeDefault);
#pragma warning restore SYSLIB1054, CA5392
}
