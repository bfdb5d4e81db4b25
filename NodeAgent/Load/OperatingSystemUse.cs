using System.Globalization;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>What the process has used since its start, and its memory now.</summary>
/// <param name="CpuMicros">User and kernel time.</param>
/// <param name="MemoryBytes">Resident.</param>
/// <param name="DiskBytes">Read from and written to the storage layer; 0 where the system does not say.</param>
/// <param name="NetworkBytes">Of the node's own ports.</param>
internal readonly record struct ProcessTotals(double CpuMicros, long MemoryBytes, long DiskBytes, long NetworkBytes)
{
    /// <summary>The use between two readings.</summary>
    /// <param name="earlier">The reading before.</param>
    /// <param name="seconds">Time between the two, above 0.</param>
    public NodeUse Since(ProcessTotals earlier, double seconds) => new(
        Math.Max(0, CpuMicros - earlier.CpuMicros) / 1000 / seconds,
        MemoryBytes,
        Math.Max(0, DiskBytes - earlier.DiskBytes) / seconds,
        Math.Max(0, NetworkBytes - earlier.NetworkBytes) / seconds);
}

/// <summary>Reads the process's own use from the operating system.</summary>
internal static class OperatingSystemUse
{
    private const string IoPath = "/proc/self/io";

    /// <param name="networkBytes">Counted by the node itself.</param>
    public static ProcessTotals Read(long networkBytes) =>
        new(Environment.CpuUsage.TotalTime.TotalMicroseconds, Environment.WorkingSet, ReadDisk(), networkBytes);

    /// <summary>Sum of read_bytes and write_bytes in the text of /proc/self/io; 0 where they are not there.</summary>
    internal static long ParseDisk(string text)
    {
        long total = 0;
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon] is "read_bytes" or "write_bytes"
                && long.TryParse(line.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            {
                total += bytes;
            }
        }

        return total;
    }

    private static long ReadDisk()
    {
        try
        {
            return File.Exists(IoPath) ? ParseDisk(File.ReadAllText(IoPath)) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
