using System.Diagnostics;
using System.Globalization;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>A disk of a few megabytes, half of it taken by a ballast file. Unmounted when disposed.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string mount = Directory.CreateTempSubdirectory("shardconsole-disk-").FullName;

    private SmallDisk()
    {
    }

    /// <summary>A folder on it.</summary>
    public string Folder => Path.Combine(mount, "data");

    /// <summary>Mounts one, with as much ballast as room; null where this user may not.</summary>
    public static SmallDisk? TryMount(int freeMegabytes)
    {
        var disk = new SmallDisk();
        if (!Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={freeMegabytes * 3}m"), "tmpfs", disk.mount))
        {
            Directory.Delete(disk.mount);
            return null;
        }

        File.WriteAllBytes(disk.Ballast, new byte[freeMegabytes * 2 << 20]);
        return disk;
    }

    /// <summary>Removes the ballast.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        _ = Run("umount", mount);
        Directory.Delete(mount);
    }

    private string Ballast => Path.Combine(mount, "ballast");

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
